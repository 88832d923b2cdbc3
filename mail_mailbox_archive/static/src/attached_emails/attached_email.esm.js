import {MessageLine} from "../mail_list/message_line.esm";
import {formatDateTime} from "@web/core/l10n/dates";

/** One message in the tab "Attached - Emails". */
export class AttachedEmail extends MessageLine {
    static template = "mail_mailbox_archive.AttachedEmail";
    static props = {
        message: Object,
        isOpen: Boolean,
        onToggle: Function,
        onDetach: Function,
    };

    get whole() {
        return this.date ? formatDateTime(this.date) : "";
    }
}
