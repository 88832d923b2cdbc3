import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {KeepLast} from "@web/core/utils/concurrency";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {useAutofocus, useService} from "@web/core/utils/hooks";

/** The notes beside an email, and a box to write one; for the users of the mailbox. */
export class Notes extends Component {
    static template = "mail_mailbox_archive.Notes";
    static components = {Dropdown, DropdownItem};
    static props = {
        arrivalId: Number,
        /** How many there are: another number has them read again. */
        count: Number,
    };

    setup() {
        this.service = useService("mailbox_team");
        this.keepLast = new KeepLast();
        this.input = useAutofocus({refName: "input"});
        this.state = useState({notes: [], people: [], text: "", writing: false});
        this.mentioned = new Map();
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((next) => {
            if (next.arrivalId !== this.props.arrivalId) {
                Object.assign(this.state, {notes: [], text: "", writing: false});
                this.mentioned.clear();
            } else if (next.count === this.props.count) {
                return;
            }
            this.load(next);
        });
    }

    async load({arrivalId, count}) {
        const loading = count ? this.service.notes(arrivalId) : Promise.resolve([]);
        this.state.notes = await this.keepLast.add(loading);
    }

    async loadPeople() {
        this.state.people = await this.service.people([this.props.arrivalId]);
    }

    date(note) {
        return toLocaleDateTimeString(deserializeDateTime(note.date));
    }

    write() {
        this.state.writing = true;
    }

    mention(person) {
        this.mentioned.set(person.id, person.name);
        const {text} = this.state;
        const space = text && !text.endsWith(" ") ? " " : "";
        this.state.text = `${text}${space}@${person.name} `;
        const {el} = this.input;
        // one writes on at once, before the next rendering
        el.value = this.state.text;
        el.focus();
    }

    async add() {
        const {text} = this.state;
        // who was taken out of the text again is not notified
        const ids = [...this.mentioned]
            .filter(([, name]) => text.includes(`@${name}`))
            .map(([id]) => id);
        await this.service.addNote(this.props.arrivalId, text, ids);
        this.mentioned.clear();
        Object.assign(this.state, {text: "", writing: false});
    }

    remove(note) {
        return this.service.removeNote(note.id);
    }
}
