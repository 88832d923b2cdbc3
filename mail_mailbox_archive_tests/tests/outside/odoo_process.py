"""Odoo as it always starts: ``odoo_process.py ARGUMENTS`` is ``odoo ARGUMENTS``.

But a password is hashed in no time: each time that somebody logs in or is made would
take half a second of the processor, and people log in everywhere here.
"""

import sys

# the modules beside this file are no modules of Odoo
sys.path.pop(0)


def hash_quickly(arguments):
    from odoo.modules.module import initialize_sys_path
    from odoo.tools import config

    config.parse_config(arguments)
    initialize_sys_path()
    from odoo.addons.base.models import res_users

    res_users.MIN_ROUNDS = 1


if __name__ == "__main__":
    import odoo.cli

    # the process of the bus has nobody log in
    if sys.argv[1] != "gevent":
        hash_quickly(sys.argv[1:])
    odoo.cli.main()
