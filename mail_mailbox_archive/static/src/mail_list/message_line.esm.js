import {Component} from "@odoo/owl";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {formatAge} from "./mail_age_field.esm";
import {readPeople} from "./people.esm";

/** What each line about one message shows: the people and the age. */
export class MessageLine extends Component {
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
}
