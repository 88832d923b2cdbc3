-- A copied database must not touch a real mailbox.
UPDATE mail_mailbox
   SET imap_enabled = FALSE,
       imap_secret = NULL,
       lease_until = NULL,
       smtp_secret = NULL,
       autoresponder_enabled = FALSE,
       mark_seen = FALSE,
       filing_by_address = FALSE,
       state = 'draft';

UPDATE mail_mailbox_sending_account
   SET active = FALSE,
       key_secret = NULL,
       second_secret = NULL,
       hook_secret = NULL,
       hook_digest = NULL,
       hook_key_secret = NULL;

UPDATE mail_mailbox_sending_setting SET value_secret = NULL;

UPDATE ir_mail_server SET active = FALSE WHERE mailbox_id IS NOT NULL;

UPDATE mail_mailbox_outbox SET state = 'cancelled', claimed_until = NULL
 WHERE state IN ('scheduled', 'waiting', 'sending');

UPDATE mail_mailbox_sent SET append_state = 'none' WHERE append_state = 'waiting';

DELETE FROM mail_mailbox_seen_mark;

DELETE FROM mail_mailbox_oauth_token;
DELETE FROM mail_mailbox_oauth_state;
DELETE FROM mail_mailbox_verification;
DELETE FROM mail_mailbox_verify_wizard;
DELETE FROM mail_mailbox_setup_wizard;
UPDATE mail_mailbox_oauth_provider SET client_sealed = NULL, client_id = NULL;
UPDATE mail_mailbox_autoresponder_journal
   SET state = 'withheld', reason = 'off'
 WHERE state IN ('waiting', 'sending');
