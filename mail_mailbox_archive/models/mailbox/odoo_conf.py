"""Our own options in odoo.conf: what nobody may change from inside Odoo.

They stand in a section ``[mail_mailbox_archive]``, since Odoo warns at each start of
options in its own section that it does not know. What earlier versions documented
there, ``mailbox_secret_key`` and the like, keeps working.
"""

import configparser
import functools
import os

from odoo.tools import config

SECTION = "mail_mailbox_archive"


def get_option(name, old_name):
    """Return an option of our section as text, or ``old_name`` of Odoo's, or ''."""
    path = config["config"] or ""
    try:
        changed = os.stat(path).st_mtime_ns
    except OSError:
        return config.get(old_name) or ""
    return _read(path, changed).get(name) or config.get(old_name) or ""


@functools.lru_cache(maxsize=1)
def _read(path, _changed):
    parser = configparser.RawConfigParser()
    parser.read(path)
    return dict(parser[SECTION]) if parser.has_section(SECTION) else {}
