import {Component, useState} from "@odoo/owl";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";

/** People of an event that are listed before one asks for all. */
const FIRST = 8;

/** An event that an email invites to: what, when, where, who, and one's reply. */
export class InvitationCard extends Component {
    static template = "mail_mailbox_archive.InvitationCard";
    static props = {
        messageId: Number,
        /** Of get_view_data. */
        invitation: Object,
        /** Shows the message again, with what was replied. */
        onReplied: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({
            all: false,
            busy: false,
            email: this.props.invitation.may_reply?.[0] || "",
        });
    }

    get answers() {
        return [
            {answer: "accepted", label: _t("Accept"), icon: "fa-check"},
            {answer: "tentative", label: _t("Tentative"), icon: "fa-question"},
            {answer: "declined", label: _t("Decline"), icon: "fa-times"},
        ];
    }

    get people() {
        const {people} = this.props.invitation;
        return this.state.all ? people : people.slice(0, FIRST);
    }

    /** How many people are not listed; what is not listed at all cannot be shown. */
    get hidden() {
        const {people, more_people: more} = this.props.invitation;
        return this.state.all ? more : Math.max(0, people.length - FIRST) + more;
    }

    get canShowAll() {
        return !this.state.all && this.props.invitation.people.length > FIRST;
    }

    get fileUrl() {
        return `/mail_mailbox_archive/part/${this.props.invitation.part}?download=1`;
    }

    get moreEvents() {
        return _t(
            "The file contains further events: %s",
            this.props.invitation.more_events
        );
    }

    get otherOrganizer() {
        return _t(
            "Your reply goes to %s, who is not the sender of this email.",
            this.props.invitation.other_organizer
        );
    }

    personLabel(person) {
        return person.name && person.address
            ? `${person.name} <${person.address}>`
            : person.name || person.address;
    }

    replyLabel(reply) {
        const values = {
            email: reply.email,
            person: reply.person,
            date: toLocaleDateTimeString(deserializeDateTime(reply.date)),
        };
        return {
            accepted: _t("%(email)s: accepted by %(person)s on %(date)s", values),
            tentative: _t(
                "%(email)s: tentatively accepted by %(person)s on %(date)s",
                values
            ),
            declined: _t("%(email)s: declined by %(person)s on %(date)s", values),
        }[reply.answer];
    }

    stateLabel(reply) {
        return {
            waiting: _t("The reply is in the outbox."),
            failed: _t("The reply was not sent. You will find it in the Outbox."),
        }[reply.state];
    }

    isGiven(answer) {
        return this.props.invitation.replies.some(
            (reply) => reply.email === this.state.email && reply.answer === answer
        );
    }

    async reply(answer) {
        const {messageId, invitation} = this.props;
        this.state.busy = true;
        try {
            const data = await this.orm.call(
                "mail.mailbox.message",
                "reply_to_invitation",
                [[messageId], invitation.part, answer, this.state.email]
            );
            this.props.onReplied?.(data);
        } finally {
            this.state.busy = false;
        }
    }
}
