def migrate(cr, version):
    """Keep fetching folders of other people that were fetched before.

    Whose a folder is the server is asked at the next check: the column stays empty.
    """
    cr.execute(
        """
        ALTER TABLE mail_mailbox_folder
              ADD COLUMN IF NOT EXISTS shared boolean,
              ADD COLUMN IF NOT EXISTS chosen boolean
        """
    )
    cr.execute(
        """
        UPDATE mail_mailbox_folder SET chosen = true
         WHERE chosen IS NULL AND next_uid > 0
           AND NOT coalesce(skipped, false) AND NOT coalesce(missing, false)
        """
    )
