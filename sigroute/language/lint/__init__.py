"""What is wrong, or may be meant, between the rules of several lines."""
