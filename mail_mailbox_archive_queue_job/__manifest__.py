{
    "name": "Mail Mailbox Archive: job queue",
    "summary": "Runs each mailbox check as a job of OCA's queue, for clusters",
    "version": "19.0.1.0.0",
    "category": "Productivity/Mail",
    "license": "LGPL-3",
    "author": "Mail Mailbox Archive maintainers",
    "depends": ["mail_mailbox_archive", "queue_job"],
    "data": ["data/queue_job_data.xml"],
    "auto_install": True,
}
