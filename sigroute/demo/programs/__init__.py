"""The programs, scripts and rules of the demo. Each file is complete: read it, and run it by hand."""
