import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";

const ICONS = {
    success: "fa-check-circle",
    info: "fa-info-circle",
    warning: "fa-exclamation-triangle",
    danger: "fa-times-circle",
};

/**
 * That an email is encrypted or signed, and what becomes of its signature: the check
 * takes a moment, and the email is shown before it has ended.
 */
export class MessageSealing extends Component {
    static template = "mail_mailbox_archive.MessageSealing";
    static props = {
        messageId: Number,
        /** Of get_view_data. */
        sealing: Object,
    };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({verdict: null, checking: false});
        onWillStart(() => this.check(this.props));
        onWillUpdateProps((next) => {
            if (next.messageId !== this.props.messageId) {
                this.check(next);
            }
        });
    }

    /** Have the signature checked; nothing waits for it. */
    check({messageId, sealing}) {
        Object.assign(this.state, {verdict: null, checking: sealing.checkable});
        if (sealing.checkable) {
            this.ask(messageId);
        }
    }

    async ask(messageId) {
        const asking = this.orm.silent.call("mail.mailbox.message", "check_signature", [
            [messageId],
        ]);
        try {
            this.state.verdict = await this.keepLast.add(asking);
        } catch (error) {
            if (!error.data) {
                throw error;
            }
        } finally {
            this.state.checking = false;
        }
    }

    get level() {
        return (
            this.state.verdict?.level ||
            (this.props.sealing.kind === "signed" ? "light" : "info")
        );
    }

    get icon() {
        if (this.state.verdict) {
            return ICONS[this.state.verdict.level];
        }
        return this.props.sealing.kind === "encrypted" ? "fa-lock" : "fa-certificate";
    }

    /** What was said of its form alone stays where its text is not shown. */
    get showsForm() {
        return !this.state.verdict || this.props.sealing.kind === "opaque";
    }
}
