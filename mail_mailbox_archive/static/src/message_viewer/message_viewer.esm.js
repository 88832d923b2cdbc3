import {
    Component,
    onMounted,
    onWillStart,
    onWillUpdateProps,
    useState,
} from "@odoo/owl";
import {useCompose} from "../compose/compose_service.esm";
import {InvitationCard} from "../invitation/invitation_card.esm";
import {KeepLast} from "@web/core/utils/concurrency";
import {MessageAttachments} from "./message_attachments.esm";
import {MessageBody} from "./message_body.esm";
import {MessageCards} from "./message_cards.esm";
import {MessagePeople} from "./message_people.esm";
import {MessageSealing} from "./message_sealing.esm";
import {MessageThread} from "./message_thread.esm";
import {RecordChips} from "./record_chips.esm";
import {TeamBar} from "../teamwork/team_bar.esm";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {deliveryShape} from "../mail_list/delivery.esm";
import {messageDate, messagePeople} from "./message_head.esm";
import {printMessage} from "./message_print.esm";
import {router} from "@web/core/browser/router";
import {useMailListKeys} from "../mail_list/mail_list_keys.esm";
import {useService} from "@web/core/utils/hooks";

/**
 * One message to be read: headers, warnings, attachments, body, conversation.
 *
 * The server answers for one's rights; a message one may not read is "not here".
 */
export class MessageViewer extends Component {
    static template = "mail_mailbox_archive.MessageViewer";
    static components = {
        InvitationCard,
        MessageAttachments,
        MessageBody,
        MessageCards,
        MessagePeople,
        MessageSealing,
        MessageThread,
        RecordChips,
        TeamBar,
    };
    static props = {
        messageId: Number,
        /** The mailbox one reads it in, where it will be archived from. */
        mailboxId: {type: [Number, Boolean], optional: true},
        /** Its line of the Queue. */
        arrivalId: {type: [Number, Boolean], optional: true},
        /** Its lines in further mailboxes, put away and opened with it. */
        alsoIds: {type: Array, optional: true},
        /** Folded in a conversation: without the conversation itself. */
        nested: {type: Boolean, optional: true},
        /** Another value has what stands around the body read again. */
        revision: {type: Number, optional: true},
        onArchived: {type: Function, optional: true},
        /** On a page of its own: keys work, see the widget. */
        page: {type: Object, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.archiveDialog = useService("mailbox_archive_dialog");
        this.compose = useCompose();
        this.undo = useService("mailbox_undo");
        this.team = useService("mailbox_team");
        this.keepLast = new KeepLast();
        this.state = useState({data: null, missing: false, remote: 0});
        this.Viewer = MessageViewer;
        if (this.props.page) {
            useMailListKeys(this.props.page, {
                a: () => this.archive(),
                r: () => this.state.data?.may_send && this.answer("reply"),
                R: () => this.state.data?.may_send && this.answer("reply_all"),
                f: () => this.state.data?.may_send && this.answer("forward"),
                w: () => this.compose.focus(),
                u: async () =>
                    (await this.undo.undo()) ||
                    this.work((ids) => this.team.unread(ids)),
                t: () => this.work((ids) => this.team.take(ids)),
                e: () => this.work((ids) => this.team.done(ids)),
                s: () => this.work((ids) => this.team.later(ids)),
                j: () => this.props.page.turn("next"),
                k: () => this.props.page.turn("previous"),
                ArrowRight: () => this.props.page.turn("next"),
                ArrowLeft: () => this.props.page.turn("previous"),
                Escape: () => this.env.config.historyBack(),
            });
            onMounted(() => this.openAskedDialog());
        }
        onWillStart(() => this.load(this.props.messageId));
        onWillUpdateProps((next) => {
            const {messageId, revision} = this.props;
            if (next.messageId !== messageId || next.revision !== revision) {
                this.load(next.messageId);
            }
        });
    }

    async load(messageId) {
        const loading = this.orm.silent.call("mail.mailbox.message", "get_view_data", [
            [messageId],
        ]);
        try {
            this.show(await this.keepLast.add(loading));
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            Object.assign(this.state, {data: null, missing: true});
        }
    }

    show(data) {
        const shown = this.state.data;
        if (shown?.id === data.id && shown.images === data.images) {
            // the body that is there stays, with its address
            this.state.data = {...data, token: shown.token};
        } else {
            Object.assign(this.state, {data, missing: false, remote: 0});
        }
    }

    /** Do something with the line of the Queue that this is the page of. */
    work(action) {
        const {arrivalId} = this.props;
        return arrivalId && action([arrivalId]);
    }

    get people() {
        return messagePeople(this.state.data);
    }

    get date() {
        return messageDate(this.state.data);
    }

    get delivery() {
        return this.state.data.delivery.map((row) => ({
            ...row,
            ...deliveryShape(row.state),
        }));
    }

    get archiveLabel() {
        return this.state.data.records.length
            ? _t("Attach to another record")
            : _t("Archive new email");
    }

    get alwaysLabel() {
        return _t("Always from %s", this.state.data.sender);
    }

    async allowImages(always) {
        const args = [[this.state.data.id], always];
        this.show(await this.orm.call("mail.mailbox.message", "allow_images", args));
    }

    async forbidImages() {
        const args = [[this.state.data.id]];
        this.show(await this.orm.call("mail.mailbox.message", "forbid_images", args));
    }

    get answers() {
        return [
            {mode: "reply", label: _t("Reply"), icon: "fa-reply"},
            {mode: "reply_all", label: _t("Reply to all"), icon: "fa-reply-all"},
            {mode: "forward", label: _t("Forward"), icon: "fa-share"},
        ];
    }

    answer(mode) {
        return this.compose.answer(this.state.data.id, mode, {
            mailboxId: this.props.mailboxId,
            onClose: () => {
                this.load(this.props.messageId);
                this.props.onArchived?.();
            },
        });
    }

    archive() {
        if (!this.state.data) {
            return;
        }
        this.archiveDialog.open({
            messageIds: [this.state.data.id],
            mailboxId: this.props.mailboxId,
            attached: Boolean(this.state.data.records.length),
            onClose: () => {
                this.load(this.props.messageId);
                this.props.onArchived?.();
            },
        });
    }

    /**
     * Open the archive dialog if the address asks for it, as one from a mail program
     * does; the address of the page, which is written next, no longer does.
     */
    openAskedDialog() {
        if (router.current.archive) {
            browser.setTimeout(() => this.archive());
        }
    }

    async follow(follow, method) {
        await this.orm.call("mail.mailbox.follow", method, [[follow.id]]);
        await this.load(this.props.messageId);
    }

    print() {
        printMessage(this.state.data);
    }
}
