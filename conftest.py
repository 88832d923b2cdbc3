"""For plain ``pytest``: the tests that need no Odoo, without Odoo.

``python3 setup test`` reads the configuration in ``setup/`` and never comes here.
"""

pytest_plugins = ("setup.plugins.pure",)
