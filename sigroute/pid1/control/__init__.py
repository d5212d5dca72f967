"""The control socket's other processes: the server, which PID 1 forks when somebody connects, and its client."""
