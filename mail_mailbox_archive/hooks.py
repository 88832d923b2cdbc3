from .models.mail_mailbox_name_index import drop_name_functions


def uninstall_hook(env):
    """Remove what stands on the tables of other apps: the index of their names."""
    drop_name_functions(env.cr)
