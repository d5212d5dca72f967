"""Warnings about rules that can be used: what is legal and still seldom meant."""
