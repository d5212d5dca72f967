"""What is told of events and effects, and how it is written."""
