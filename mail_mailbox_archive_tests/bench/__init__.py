"""Large databases for measurements; nothing of it is loaded by Odoo."""
