import {Component} from "@odoo/owl";
import {askedWords, markWords} from "../message_viewer/search_words.esm";
import {RecordChips} from "../message_viewer/record_chips.esm";
import {_t} from "@web/core/l10n/translation";
import {deliveryShape} from "./delivery.esm";
import {readPeople} from "./people.esm";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {workShape} from "../teamwork/work_shape.esm";
import {writerWords} from "../teamwork/writers.esm";

/** People of a line whose names are written out. */
const SHOWN = 3;

/** The first of each `key`. */
function uniqueBy(items, key) {
    const seen = new Set();
    return items.filter((one) => !seen.has(key(one)) && seen.add(key(one)));
}

/** One message as a line of a list: people, subject, preview, records. */
export class MailLineField extends Component {
    static template = "mail_mailbox_archive.MailLineField";
    static components = {RecordChips};
    static props = {...standardFieldProps};

    get data() {
        return this.props.record.data;
    }

    get outgoing() {
        return this.data.direction === "outgoing";
    }

    /** What the line says of its conversation, of which it shows the newest email. */
    get conversation() {
        const {conversation_line: conversation} = this.data;
        return conversation?.count > 1 ? conversation : null;
    }

    get countLabel() {
        const {count, unread} = this.conversation;
        return unread
            ? _t("%(count)s emails, %(unread)s unread", {count, unread})
            : _t("%s emails", count);
    }

    get unread() {
        if (this.conversation) {
            return Boolean(this.conversation.unread);
        }
        if (this.data.team) {
            return this.data.team.unread;
        }
        return "seen" in this.data && !this.data.seen && !this.outgoing;
    }

    /** Whom the line names: all who wrote, or those at the other end. */
    get people() {
        const {senders} = this.conversation || {};
        if (senders?.length > (this.outgoing ? 1 : 0)) {
            const named = senders.flatMap((one) => readPeople(one).slice(0, 1));
            return uniqueBy(named, (person) => person.address.toLowerCase());
        }
        return readPeople(this.outgoing ? this.data.email_to : this.data.email_from);
    }

    /** A text of the line in pieces, those that were searched for as a hit. */
    marked(text) {
        return markWords(text, askedWords(this.env.searchModel));
    }

    get who() {
        const names = this.people.slice(0, SHOWN).map((person) => person.name);
        const more = this.people.length - names.length;
        const list = names.join(", ") || (this.outgoing ? "" : _t("(no sender)"));
        return more > 0 ? _t("%(names)s and %(more)s more", {names: list, more}) : list;
    }

    get addresses() {
        return this.people.map((person) => person.address).join(", ");
    }

    /** What became of it at its recipients, of what was sent from here. */
    get delivery() {
        const {direction, delivery_state: state, delivery_reason: reason} = this.data;
        if (!state || (direction && !this.outgoing)) {
            return null;
        }
        const {selection} = this.props.record.fields.delivery_state;
        const label = Object.fromEntries(selection)[state];
        const title = reason ? `${label}\n${reason}` : label;
        return {...deliveryShape(state), state, label, title};
    }

    /** Who has the conversation, of a line of the Queue. */
    get owner() {
        return this.data.team?.owner;
    }

    get ownerLabel() {
        return _t("Owner: %s", this.owner.name);
    }

    /** Who is writing an answer to it, in words. */
    get writing() {
        return (this.data.team?.writing || []).map(writerWords).join("\n");
    }

    /** Its icon and words, of a conversation that is not simply open. */
    get work() {
        return this.data.team && workShape(this.data.team);
    }

    /** The mailboxes that have it, of those that one reads; of one list its own. */
    get mailboxes() {
        const {
            mailbox_color: color,
            mailbox_id: mailbox,
            in_mailboxes: all,
        } = this.data;
        if (all?.marks.length > 1) {
            return all.marks;
        }
        return mailbox
            ? [{mailbox: mailbox.id, name: mailbox.display_name, color}]
            : [];
    }

    /** Of how many more mailboxes there is no mark. */
    get moreMailboxes() {
        return this.data.in_mailboxes?.more || 0;
    }

    colorOf({color, mailbox}) {
        return color || (mailbox % 11) + 1;
    }
}

registry.category("fields").add("mailbox_line", {
    component: MailLineField,
    displayName: _t("Mail line"),
    supportedTypes: ["char"],
});
