"""pytest plugins; they run in the environment of Odoo, not with the system's Python."""
