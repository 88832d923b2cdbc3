"""Addresses and names of people: read, compared, written, and whose they are.

RFC 5322 and 6531 addresses, domains and the Public Suffix List, names of companies,
what a sender claims to be. Calls nothing but the top of ``mailcore``.
"""
