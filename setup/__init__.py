"""Odoo, PostgreSQL and mail servers for this checkout; standard library only.

Read ``cli.py`` for the commands, ``workplace.py`` for what they share.
"""
