"""The mailbox itself, its people, its secrets, and what every room stands on.

Holds ``mail.mailbox``, breaking the glass, notices, settings, the guard of references
and names, claims of work, users and groups. Every room may call it; it calls only
``mailcore``. What a mailbox receives, sends or keeps is not here.
"""

from . import fields
from . import odoo_conf
from . import stored_names
from . import guarded
from . import planning
from . import order
from . import reader
from . import ir_http
from . import mailbox
from . import work
from . import res_groups
from . import res_users
from . import res_partner
from . import res_config_settings
from . import secrets
from . import break_glass
from . import notice
from . import push
from . import private
from . import address
from . import first_steps
