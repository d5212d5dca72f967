"""What the demo runs, each file a program or a rule file of its own: to be read, and run by hand."""
