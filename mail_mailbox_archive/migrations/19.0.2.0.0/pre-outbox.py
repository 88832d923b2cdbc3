"""What was the outbox is the journal of Odoo's mail queue, and gets another name."""

OLD, NEW = "mail_mailbox_outbox", "mail_mailbox_dispatch"


def migrate(cr, version):
    cr.execute(
        "SELECT FROM information_schema.columns"
        " WHERE table_name = %s AND column_name = 'entry'",
        [OLD],
    )
    if not cr.rowcount:
        return
    cr.execute(f"ALTER TABLE {OLD} RENAME TO {NEW}")
    cr.execute(f"ALTER SEQUENCE {OLD}_id_seq RENAME TO {NEW}_id_seq")
    cr.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [NEW])
    for (name,) in cr.fetchall():
        if name.startswith(OLD):
            cr.execute(f'ALTER INDEX "{name}" RENAME TO "{NEW}{name[len(OLD) :]}"')
    names = {"old": "mail.mailbox.outbox", "new": "mail.mailbox.dispatch"}
    cr.execute("UPDATE ir_model SET model = %(new)s WHERE model = %(old)s", names)
    cr.execute(
        "UPDATE ir_model_fields SET model = %(new)s WHERE model = %(old)s", names
    )
    cr.execute(
        "UPDATE ir_model_data SET name = replace(name, %s, %s)"
        " WHERE module = 'mail_mailbox_archive' AND name LIKE %s",
        [OLD, NEW, f"%{OLD}%"],
    )
