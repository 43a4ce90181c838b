"""The command line: `serve`, which is the default, and the commands of operators.

An operator's command speaks to a running service over its public API.
"""
