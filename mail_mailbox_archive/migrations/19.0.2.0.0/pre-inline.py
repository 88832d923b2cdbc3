"""What no text can show is an attachment: it is counted, and goes along on forward.

Every part with a Content-ID was taken for one that the text shows. Of pictures only the
source could tell, which the viewer asks anyhow; of the rest their kind tells.
"""


def migrate(cr, version):
    cr.execute(
        """
        WITH wrong AS (
            UPDATE mail_mailbox_part SET inline = false
            WHERE inline AND coalesce(mimetype, '') NOT LIKE 'image/%'
            RETURNING mailbox_message_id, coalesce(cid, '') <> '' AS uncounted
        )
        UPDATE mail_mailbox_message message
        SET attachment_count = coalesce(attachment_count, 0) + more.number
        FROM (
            SELECT mailbox_message_id, count(*) AS number
            FROM wrong WHERE uncounted GROUP BY mailbox_message_id
        ) more
        WHERE message.id = more.mailbox_message_id
        """
    )
