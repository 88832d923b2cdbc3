"""For Odoo's shell: the templates of add-ons, a file for each in a folder.

As ``odoo i18n export`` makes them; but Odoo is loaded once for all of them.
"""

import json
import os
from pathlib import Path

from odoo.tools.translate import trans_export

folder, names = json.loads(os.environ["MAILBOX_WORDS"])
for name in names:
    with Path(folder, f"{name}.pot").open("wb") as file:
        trans_export(None, [name], file, "po", env)  # noqa: F821
