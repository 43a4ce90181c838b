"""Okydrom guarantees the delivery of notifications from one service to another over HTTP.

The folders are the rooms of the house, in the order in which data meets them; a room imports only from those to its
left: the words (errors, task, settings and their like), store, delivery, intake, web, app, server, cli.
"""

__version__ = "0.1.0"
