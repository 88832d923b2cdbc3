"""The room that mail takes is added up once; from then on as it comes and goes."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE mail_mailbox_message AS message SET stored_size = kept.size
          FROM (SELECT res_id, sum(file_size) AS size FROM ir_attachment
                 WHERE res_model = 'mail.mailbox.message' AND res_field = 'source'
                 GROUP BY res_id) AS kept
         WHERE message.id = kept.res_id AND message.stored_size IS NULL
        """
    )
    cr.execute("SELECT count(*) FROM mail_mailbox_space")
    if cr.fetchone()[0]:
        return
    cr.execute(
        """
        INSERT INTO mail_mailbox_space (mailbox_id, stored, copied, freed)
        SELECT NULL::int, coalesce(sum(stored_size), 0), 0, 0 FROM mail_mailbox_message
         UNION ALL
        SELECT NULL::int, 0, coalesce(sum(stored_size), 0), 0
          FROM mail_mailbox_link AS link
          JOIN mail_mailbox_message AS message ON message.id = mailbox_message_id
         UNION ALL
        SELECT mailbox_id, 0, coalesce(sum(stored_size), 0), 0
          FROM mail_mailbox_arrival AS arrival
          JOIN mail_mailbox_message AS message ON message.id = mailbox_message_id
         GROUP BY mailbox_id
        """
    )
