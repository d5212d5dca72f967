"""sigroute at a terminal: whose it is, who gets what is typed, and what the shell above and the one inside see."""
