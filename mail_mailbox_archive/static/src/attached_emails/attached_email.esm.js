import {Component} from "@odoo/owl";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {formatAge} from "../mail_list/mail_age_field.esm";
import {readPeople} from "../mail_list/people.esm";

/** One message in the tab "Attached - Emails". */
export class AttachedEmail extends Component {
    static template = "mail_mailbox_archive.AttachedEmail";
    static props = {
        message: Object,
        isOpen: Boolean,
        onToggle: Function,
        onDetach: Function,
    };

    get people() {
        return readPeople(this.props.message.people);
    }

    get who() {
        return this.people.map((person) => person.name).join(", ");
    }

    get addresses() {
        return this.people.map((person) => person.address).join(", ");
    }

    get date() {
        const {date} = this.props.message;
        return date && deserializeDateTime(date);
    }

    get age() {
        return this.date ? formatAge(this.date) : "";
    }

    get whole() {
        return this.date ? formatDateTime(this.date) : "";
    }
}
