"""What the process says of itself: a line per event, with nothing secret in it, written without ever blocking it."""
