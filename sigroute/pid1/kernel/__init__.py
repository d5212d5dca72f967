"""Every system call of the resident."""
