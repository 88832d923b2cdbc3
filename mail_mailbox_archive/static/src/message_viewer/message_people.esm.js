import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";

/** Addresses of one header shown before "and more". */
const SHOWN = 8;

/** One header of a message: its people, each with the address beside the name. */
export class MessagePeople extends Component {
    static template = "mail_mailbox_archive.MessagePeople";
    static props = {
        label: String,
        people: Array,
        name: String,
    };

    get shown() {
        return this.props.people.slice(0, SHOWN);
    }

    get more() {
        return this.props.people.slice(SHOWN);
    }

    get moreLabel() {
        return _t("and %s more", this.more.length);
    }
}
