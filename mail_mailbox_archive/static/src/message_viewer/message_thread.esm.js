import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";

/** The other messages of a conversation, folded; each opens where it stands. */
export class MessageThread extends Component {
    static template = "mail_mailbox_archive.MessageThread";
    static props = {messages: Array, Viewer: Function};

    setup() {
        this.state = useState({open: {}});
    }

    get label() {
        const {length} = this.props.messages;
        return length === 1
            ? _t("Conversation: 1 more email")
            : _t("Conversation: %s more emails", length);
    }

    sender(message) {
        const [person] = message.email_from;
        return person ? person.name || person.address : _t("(no sender)");
    }

    date(message) {
        return message.date
            ? toLocaleDateTimeString(deserializeDateTime(message.date))
            : "";
    }

    toggle(message) {
        this.state.open[message.id] = !this.state.open[message.id];
    }
}
