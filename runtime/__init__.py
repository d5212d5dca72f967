"""Builds the static executable from which compiled inits are made: the watch, in C, and a reduced Python."""
