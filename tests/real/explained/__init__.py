"""What explain says beforehand is what happens: the same rules, children that behave as the words say, real signals."""
