"""What the watch of the static executable knows beforehand: the engine's answers, and their log lines."""
