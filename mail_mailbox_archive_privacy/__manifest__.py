{
    "name": "Mail Mailbox Archive: Privacy look-up",
    "summary": "The privacy look-up finds emails the user may read",
    "version": "19.0.1.0.0",
    "category": "Productivity/Mail",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive", "privacy_lookup"],
    "auto_install": True,
}
