"""Servers that tests start for themselves, all on loopback."""
