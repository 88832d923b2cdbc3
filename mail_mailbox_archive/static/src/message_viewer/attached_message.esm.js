import {Component, onWillStart, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {InvitationCard} from "../invitation/invitation_card.esm";
import {MessageAttachments} from "./message_attachments.esm";
import {MessageBody} from "./message_body.esm";
import {MessagePeople} from "./message_people.esm";
import {messageDate, messagePeople} from "./message_head.esm";
import {useService} from "@web/core/utils/hooks";

/** A message that is attached to another one, opened over it as a message. */
export class AttachedMessage extends Component {
    static template = "mail_mailbox_archive.AttachedMessage";
    static components = {
        Dialog,
        InvitationCard,
        MessageAttachments,
        MessageBody,
        MessagePeople,
    };
    static props = {
        /** The attachment of the message that has a record. */
        part: Number,
        /** Path of a message inside of it, or nothing. */
        inner: String,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({data: null, problem: ""});
        onWillStart(() => this.load());
    }

    async load() {
        const {part, inner} = this.props;
        try {
            this.state.data = await this.orm.silent.call(
                "mail.mailbox.part",
                "get_view_data",
                [[part], inner]
            );
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            this.state.problem = error.data.message;
        }
    }

    get people() {
        return messagePeople(this.state.data);
    }

    get date() {
        return messageDate(this.state.data);
    }

    get saveUrl() {
        const {part, inner} = this.props;
        return `/mail_mailbox_archive/part/${part}${inner ? `/${inner}` : ""}?download=1`;
    }
}

MessageAttachments.Message = AttachedMessage;
