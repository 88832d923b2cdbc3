from .models.archiving.name_index import drop_name_functions


def post_init_hook(env):
    """Remember which database has the mailboxes: a copy of it stays quiet."""
    env["mail.mailbox"]._confirm_database()


def uninstall_hook(env):
    """Leave the emails as files; remove what would stay: indexes, settings, XML ids."""
    env["mail.mailbox.message"]._leave_files()
    drop_name_functions(env.cr)
    # told to people, of no record: nothing else takes them along
    env["mail.activity"].with_context(active_test=False).search(
        [("activity_type_id", "in", _own_types(env))]
    ).unlink()
    env.cr.execute("DROP INDEX IF EXISTS res_partner__email_normalized_index")
    settings = [("key", "=like", "mail\\_mailbox\\_archive.%")]
    env["ir.config_parameter"].search(settings).unlink()
    # what our models inherit has its XML ids in the add-on it is inherited from
    env.cr.execute(
        r"DELETE FROM ir_model_data WHERE module <> 'mail_mailbox_archive'"
        r" AND name LIKE ANY (ARRAY['selection\_\_mail\_mailbox%',"
        r" 'model\_inherit\_\_mail\_mailbox%'])"
    )


def _own_types(env):
    """Return the ids of the kinds of activity that are ours."""
    data = env["ir.model.data"].search(
        [("module", "=", "mail_mailbox_archive"), ("model", "=", "mail.activity.type")]
    )
    return data.mapped("res_id")
