{
    "name": "Mail Mailbox Archive: assistants",
    "summary": "Search, reading, proposals and drafts for an assistant, by MCP",
    "version": "19.0.1.0.0",
    "category": "Productivity/Mail",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive"],
    "data": [
        "security/ir.model.access.csv",
        "views/mail_mailbox_views.xml",
        "views/mail_mailbox_assistant_call_views.xml",
        "views/res_users_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
