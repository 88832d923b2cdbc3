# ruff: noqa: F821 (Odoo's shell gives env)
"""A mail that is found by other words now: its number without separators."""

deliver(office, 60, "To 61 1090 1014 0000")
