"""The web: the public HTTP API and the static page.

A file per resource, each handler in three steps: parse, call, render. HTTP statuses are known here and nowhere
else; the rooms to the left of this one raise errors with machine words.
"""
