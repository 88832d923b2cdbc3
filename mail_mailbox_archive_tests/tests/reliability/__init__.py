"""What goes wrong on purpose: nothing lost, nothing doubled, nothing stops.

Run with ``python3 setup test reliability``, and in a short form with all other tests.
pytest finds the modules here; Odoo's own loader does not look into this folder.
"""
