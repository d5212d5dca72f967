"""What the control socket tells: its format, its commands, the status."""
