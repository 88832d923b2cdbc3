import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";

/** What an empty list of mail says: why it is empty, and what to do next. */
export class MailEmptyState extends Component {
    static template = "mail_mailbox_archive.MailEmptyState";
    static props = {
        noContentHelp: {type: String, optional: true},
        showRibbon: {type: Boolean, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({code: ""});
        onWillStart(async () => {
            const {resModel} = this.env.searchModel;
            this.state.code = await this.orm.silent.call(
                resModel,
                "get_empty_state",
                []
            );
        });
    }

    /** The reason, from what the server says and what is searched for. */
    get code() {
        const {code} = this.state;
        if (code !== "no_match") {
            return code;
        }
        const all = this.env.searchModel.domain
            .filter((leaf) => Array.isArray(leaf))
            .map((leaf) => leaf[0]);
        // what every Queue shows alone, or begins with
        const usual = ["in_queue", "work_state"];
        const fields = all.filter((name) => !usual.includes(name));
        if (!fields.length && all.includes("work_state")) {
            return "all_done";
        }
        const special = {
            "mailbox_message_id.archived": "all_archived",
            seen: "all_read",
        };
        const found = fields.length === 1 && special[fields[0]];
        return found || code;
    }

    get texts() {
        return {
            no_mailbox: {
                title: _t("No mailbox yet"),
                text: _t(
                    "Set up a mailbox: its emails are fetched and listed here as they arrive."
                ),
                button: _t("Set up a mailbox"),
                run: () =>
                    this.action.doAction(
                        "mail_mailbox_archive.mail_mailbox_setup_wizard_action"
                    ),
            },
            no_mail: {
                title: _t("No emails here yet"),
                text: _t(
                    "New emails appear here automatically as soon as they are fetched."
                ),
                button: _t("Check for new emails"),
                run: () => this.check(),
            },
            all_archived: {
                title: _t("All archived. Well done!"),
                text: _t(
                    "Every email has its record. New emails appear here automatically."
                ),
                button: _t("Show all emails"),
                run: () => this.env.searchModel.clearQuery(),
            },
            all_done: {
                title: _t("Nothing is left to do"),
                text: _t(
                    "What is done, or comes back later, is not listed. New emails appear here automatically."
                ),
                button: _t("Show all emails"),
                run: () => this.env.searchModel.clearQuery(),
            },
            all_read: {
                title: _t("Everything is read"),
                text: _t("New emails appear here automatically."),
                button: _t("Show all emails"),
                run: () => this.env.searchModel.clearQuery(),
            },
            nothing_archived: {
                title: _t("Nothing archived yet"),
                text: _t(
                    "Archive emails in the Queue to a company, a contact or a project: everybody who may open that record finds them here."
                ),
                button: _t("Open Queue"),
                run: () =>
                    this.open("mail_mailbox_archive.mail_mailbox_arrival_action"),
            },
            no_match: {
                title: _t("No emails match"),
                text: _t("Search for other words, or in all emails."),
                button: _t("Show all emails"),
                run: () => this.env.searchModel.clearQuery(),
            },
        }[this.code];
    }

    open(action) {
        return this.action.doAction(action, {clearBreadcrumbs: true});
    }

    async check() {
        const action = await this.orm.call("mail.mailbox.arrival", "action_check", [
            [],
        ]);
        if (action) {
            await this.action.doAction(action);
        }
    }
}
