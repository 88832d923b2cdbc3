"""Mail without Odoo: bytes and dataclasses in, dataclasses out."""
