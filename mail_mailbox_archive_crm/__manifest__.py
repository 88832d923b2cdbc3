{
    "name": "Mail Mailbox Archive: CRM",
    "summary": "Archived emails follow merged leads",
    "version": "19.0.1.0.0",
    "category": "Productivity/Mail",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive", "crm"],
    "auto_install": True,
}
