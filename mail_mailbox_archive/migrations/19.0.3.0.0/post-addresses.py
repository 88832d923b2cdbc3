"""The address of each mailbox becomes the first of its addresses."""


def migrate(cr, version):
    if not version:
        return
    # the one index of all addresses stands for it
    cr.execute("DROP INDEX IF EXISTS mail_mailbox_email_uniq")
    cr.execute(
        "INSERT INTO mail_mailbox_address (mailbox_id, is_main, email,"
        " email_normalized, in_use, approval, is_proven, create_uid, create_date,"
        " write_uid, write_date)"
        " SELECT id, true, email, email_normalized, active, approval, true,"
        " create_uid, create_date, write_uid, write_date FROM mail_mailbox AS mailbox"
        " WHERE NOT EXISTS (SELECT FROM mail_mailbox_address"
        " WHERE mailbox_id = mailbox.id AND is_main)"
    )
