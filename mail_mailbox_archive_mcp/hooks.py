from .models.ir_http import SCOPE


def uninstall_hook(env):
    """Remove the keys for assistants: without this add-on they open nothing."""
    env["res.users.apikeys"].search([("scope", "=", SCOPE)]).unlink()
