"""For Odoo's shell: make the files that browsers load, as Odoo's own tests do."""

env["ir.qweb"]._pregenerate_assets_bundles()  # noqa: F821
env.cr.commit()  # noqa: F821
