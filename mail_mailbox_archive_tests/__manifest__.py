{
    "name": "Mail Mailbox Archive: tests",
    "summary": "Test suites and test models of Mail Mailbox Archive; not for customers",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive", "privacy_lookup", "rating"],
    "data": [
        "security/ir.model.access.csv",
        "security/mailbox_test_order_rules.xml",
        "views/mailbox_test_order_views.xml",
    ],
    "assets": {
        "web.assets_web_dark": [
            ("prepend", "mail_mailbox_archive_tests/static/src/dark.scss"),
        ],
    },
}
