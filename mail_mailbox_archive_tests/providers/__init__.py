"""Providers of other add-ons, as examples: each is one file, and all that there is.

An add-on of your own imports its file in ``__init__.py``; here only the tests do.
"""
