"""Odoo as it always starts: ``odoo_process.py ARGUMENTS`` is ``odoo ARGUMENTS``."""

import sys

# the modules beside this file are no modules of Odoo
sys.path.pop(0)

if __name__ == "__main__":
    import odoo.cli

    odoo.cli.main()
