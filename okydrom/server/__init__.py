"""Being a process: descriptors, signals, listening, stopping, exit codes."""
