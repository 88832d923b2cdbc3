{
    "name": "Mail Mailbox Archive repository",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive contributors",
    "installable": False,
    "series": "19.0",
    "addons": [
        "mail_mailbox_archive",
        "mail_mailbox_archive_account",
        "mail_mailbox_archive_calendar",
        "mail_mailbox_archive_crm",
        "mail_mailbox_archive_hr",
        "mail_mailbox_archive_mcp",
        "mail_mailbox_archive_privacy",
        "mail_mailbox_archive_queue_job",
        "mail_mailbox_archive_tests",
    ],
}
