import {Component} from "@odoo/owl";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {formatAge} from "../mail_list/mail_age_field.esm";
import {readPeople} from "../mail_list/people.esm";

/** One of the newest messages in the drop-down of the top panel. */
export class NewestMessage extends Component {
    static template = "mail_mailbox_archive.NewestMessage";
    static components = {DropdownItem};
    static props = {message: Object, onSelected: Function};

    get people() {
        return readPeople(this.props.message.people);
    }

    get who() {
        return this.people.map((person) => person.name).join(", ");
    }

    get addresses() {
        return this.people.map((person) => person.address).join(", ");
    }

    get age() {
        const {date} = this.props.message;
        return date ? formatAge(deserializeDateTime(date)) : "";
    }
}
