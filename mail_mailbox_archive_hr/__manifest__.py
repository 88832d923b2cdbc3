{
    "name": "Mail Mailbox Archive: departments",
    "summary": "A department for each mailbox",
    "version": "19.0.1.0.0",
    "category": "Productivity/Mail",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive", "hr"],
    "data": ["views/mail_mailbox_views.xml"],
    "auto_install": True,
}
