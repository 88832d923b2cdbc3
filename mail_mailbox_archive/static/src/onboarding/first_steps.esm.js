import {Component, onWillStart, status, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

const HIDDEN = "mailbox_first_steps_hidden";

/** What an administrator does first, above the Queue until it is done or closed. */
export class FirstSteps extends Component {
    static template = "mail_mailbox_archive.FirstSteps";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({done: {}});
        onWillStart(async () => {
            const wanted =
                !user.settings[HIDDEN] &&
                (await user.hasGroup("mail_mailbox_archive.group_manager"));
            // who went on meanwhile needs no steps, and no error about a list that is gone
            if (wanted && status(this) !== "destroyed") {
                this.state.done = await this.orm.silent.call(
                    "mail.mailbox",
                    "get_first_steps",
                    []
                );
            }
        });
    }

    get isShown() {
        return Object.values(this.state.done).includes(false);
    }

    get steps() {
        return [
            {
                name: "connect",
                title: _t("Connect a mailbox"),
                text: _t("Its server is found from the address alone."),
                button: _t("Set up a mailbox"),
                run: () => this.open("mail_mailbox_setup_wizard_action"),
            },
            {
                name: "verify",
                title: _t("Send from it"),
                text: _t("Choose how it sends, and enter the code it receives."),
                button: _t("Open mailboxes"),
                run: () => this.open("mail_mailbox_action"),
            },
            {
                name: "archive",
                title: _t("Archive an email"),
                text: _t("Open one below and press “a”: it suggests the record."),
            },
        ].map((step) => ({...step, done: this.state.done[step.name]}));
    }

    open(action) {
        return this.action.doAction(`mail_mailbox_archive.${action}`);
    }

    async hide() {
        this.state.done = {};
        await user.setUserSettings(HIDDEN, true);
    }
}
