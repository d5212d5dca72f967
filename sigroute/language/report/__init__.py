"""What rules say, for people: the summary with its routing tables, and the text of the rules."""
