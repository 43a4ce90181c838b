"""Intake: from a create call to a task that is safely on disk.

The durable log of what was accepted (`journal`, its bytes in `frames`), the directory it lives in (`datadir`),
idempotency (`keys`), the promise itself (`accept`), and the pump that carries accepted tasks into the store and the
lanes, at boot as in life.
"""
