"""What rules say, for people: the routing table, the longest stop, the text they were made from."""
