import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {MessageLine} from "../mail_list/message_line.esm";

/** One of the newest messages in the drop-down of the top panel. */
export class NewestMessage extends MessageLine {
    static template = "mail_mailbox_archive.NewestMessage";
    static components = {DropdownItem};
    static props = {message: Object, onSelected: Function};
}
