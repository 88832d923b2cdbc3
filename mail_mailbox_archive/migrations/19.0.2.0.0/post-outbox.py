"""What people wrote and still waits in Odoo's mail queue goes over to the outbox.

It keeps its Message-ID, and who has it already does not get it again. What a worker was
sending when it died may have left: its writer is asked.
"""

from odoo.api import SUPERUSER_ID, Environment

#: What the form to write a mail queued: of no record, by a person, from a mailbox.
WAITING = """
    SELECT mail.id AS mail_id, message.id AS message, mailbox.id AS mailbox_id,
           mail.create_uid AS user_id, message.message_id, message.subject,
           mail.email_to, mail.email_cc, mail.email_bcc, mail.body_html AS body,
           mail.references, substring(mail.headers from '<[^<>[:space:]]+>') AS reply,
           mail.mailbox_origin_id AS origin_id, mail.mailbox_res_model AS res_model,
           mail.mailbox_res_id AS res_id, mail.failure_reason AS reason,
           greatest(mail.scheduled_date, now() AT TIME ZONE 'UTC') AS due_at,
           coalesce(mail.mailbox_tries, 0) AS tries, mail.mailbox_tried_since,
           mail.mailbox_claimed_until IS NOT NULL AS uncertain,
           (SELECT jsonb_agg(jsonb_build_object('address', address, 'status',
                             'accepted', 'reason', '', 'provider_id', ''))
              FROM (SELECT regexp_split_to_table(mail.mailbox_accepted, E'\\n')
                     UNION
                    SELECT lower(result ->> 'address')
                      FROM mail_mailbox_dispatch AS noted,
                           jsonb_array_elements(noted.entry::jsonb -> 'results')
                           AS result
                     WHERE noted.mail_id = mail.id
                       AND result ->> 'status' = 'accepted') AS accepted(address)
             WHERE address > '') AS results,
           (SELECT max(sent.mailbox_message_id) FROM mail_mailbox_sent AS sent
             WHERE sent.mail_id = mail.id) AS kept
      FROM mail_mail AS mail
      JOIN mail_message AS message ON message.id = mail.mail_message_id
      JOIN LATERAL (
           SELECT id FROM mail_mailbox WHERE email = message.email_from
            ORDER BY active DESC, id LIMIT 1) AS mailbox ON TRUE
     WHERE mail.state = 'outgoing' AND message.model IS NULL
       AND mail.create_uid <> 1 AND message.message_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM mail_mail_res_partner_rel
                        WHERE mail_mail_id = mail.id)
"""
MOVE = f"""
    WITH waiting AS ({WAITING})
    INSERT INTO mail_mailbox_outbox (
           create_uid, create_date, write_uid, write_date, mailbox_id, user_id, mode,
           state, uncertain, subject, recipients, email_to, email_cc, email_bcc, body,
           message_id, in_reply_to, "references", origin_id, archive, res_model, res_id,
           due_at, tries, tried_since, reason, results, mailbox_message_id, kept)
    SELECT user_id, now() AT TIME ZONE 'UTC', user_id, now() AT TIME ZONE 'UTC',
           mailbox_id, user_id, 'new',
           CASE WHEN uncertain THEN 'failed' ELSE 'waiting' END, uncertain, subject,
           concat_ws(', ', nullif(email_to, ''), nullif(email_cc, ''),
                     nullif(email_bcc, '')),
           email_to, email_cc, email_bcc, body, message_id, reply, "references",
           origin_id, origin_id IS NOT NULL OR res_model IS NOT NULL, res_model, res_id,
           due_at, tries, mailbox_tried_since, reason, results, kept, kept IS NOT NULL
      FROM waiting
     WHERE NOT EXISTS (SELECT FROM mail_mailbox_outbox AS there
                        WHERE there.message_id = waiting.message_id)
"""
FILES = """
    UPDATE ir_attachment AS file
       SET res_model = 'mail.mailbox.outbox', res_id = here.id
      FROM mail_mailbox_outbox AS here
      JOIN mail_message AS message ON message.message_id = here.message_id
      JOIN message_attachment_rel AS rel ON rel.message_id = message.id
     WHERE file.id = rel.attachment_id AND file.res_model = 'mail.message'
       AND file.res_id = message.id
"""
#: It was sent by nobody but the outbox from now on.
MOVED = """
    SELECT mail.id, here.id FROM mail_mail AS mail
      JOIN mail_message AS message ON message.id = mail.mail_message_id
      JOIN mail_mailbox_outbox AS here ON here.message_id = message.message_id
     WHERE mail.state = 'outgoing'
"""


def migrate(cr, version):
    cr.execute(
        "SELECT FROM information_schema.columns"
        " WHERE table_name = 'mail_mail' AND column_name = 'mailbox_origin_id'"
    )
    if not cr.rowcount:
        return
    cr.execute(MOVE)
    cr.execute(FILES)
    cr.execute(MOVED)
    moved = cr.fetchall()
    env = Environment(cr, SUPERUSER_ID, {})
    for row in env["mail.mailbox.outbox"].browse(row_id for _mail, row_id in moved):
        row._take_over_text(row.body)
        if row.uncertain:
            row.reason = row._in_writers_words().mailbox_id._get_uncertain_sentence()
    env["mail.mail"].browse(mail_id for mail_id, _row in moved).unlink()
