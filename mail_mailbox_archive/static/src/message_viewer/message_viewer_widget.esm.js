import {Component, useRef} from "@odoo/owl";
import {MessageViewer} from "./message_viewer.esm";
import {UNDONE} from "../undo/undo_service.esm";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useBus} from "@web/core/utils/hooks";

/** The viewer in a form: of a message, or of its arrival in a mailbox. */
export class MessageViewerWidget extends Component {
    static template = "mail_mailbox_archive.MessageViewerWidget";
    static components = {MessageViewer};
    static props = {...standardWidgetProps};

    setup() {
        const widget = useRef("widget");
        useBus(this.env.bus, UNDONE, () => this.reload());
        const form = () => widget.el?.closest(".o_form_view");
        this.page = {
            get el() {
                return form();
            },
            /** Go to the next or previous message, as by the pager. */
            turn(where) {
                form()?.querySelector(`.o_pager_${where}:enabled`)?.click();
            },
        };
    }

    get messageId() {
        const {record} = this.props;
        return record.data.mailbox_message_id?.id || record.resId;
    }

    /** Of the line of the Queue, false on the page of a message itself. */
    get arrivalId() {
        const {resId, resModel} = this.props.record;
        return resModel === "mail.mailbox.arrival" && resId;
    }

    get mailboxId() {
        return this.props.record.data.mailbox_id?.id || false;
    }

    /** Another number after each change of records and roles, all of which are noted. */
    get revision() {
        const {link_ids: links, history_ids: history} = this.props.record.data;
        return 10_000 * (history?.count || 0) + (links?.count || 0);
    }

    reload() {
        this.props.record.load();
    }
}

registry.category("view_widgets").add("mailbox_message_viewer", {
    component: MessageViewerWidget,
});
