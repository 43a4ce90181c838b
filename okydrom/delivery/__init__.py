"""Delivery: from a task that is due to an answer of its recipient.

Who is next (`lanes`), the pool of senders (`sender`), one request turned into an outcome (`transport`, over `dial` and
`connection`), and what follows from it (`retry`). Commands of operators pass through here, so that no stale copy of a
task is sent.
"""
