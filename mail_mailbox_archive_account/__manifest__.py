{
    "name": "Mail Mailbox Archive: Invoicing",
    "summary": "Vendor bills made of electronic invoices that came by email",
    "version": "19.0.1.0.0",
    "category": "Productivity/Mail",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive", "account"],
    "assets": {
        "web.assets_backend": ["mail_mailbox_archive_account/static/src/**/*"],
    },
    "auto_install": True,
}
