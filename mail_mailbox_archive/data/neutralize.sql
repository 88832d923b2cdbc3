-- A copied database must not touch a real mailbox.
UPDATE mail_mailbox
   SET imap_enabled = FALSE,
       imap_secret = NULL,
       lease_until = NULL;
