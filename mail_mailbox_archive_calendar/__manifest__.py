{
    "name": "Mail Mailbox Archive: Calendar",
    "summary": "Invitations go into the calendar, by a click",
    "version": "19.0.1.0.0",
    "category": "Productivity/Mail",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive", "calendar"],
    "auto_install": True,
    "data": ["security/ir.model.access.csv"],
    "assets": {
        "web.assets_backend": ["mail_mailbox_archive_calendar/static/src/**/*"],
    },
}
