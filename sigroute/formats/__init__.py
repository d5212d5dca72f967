"""What other process managers are configured with: read, and written as rules."""
