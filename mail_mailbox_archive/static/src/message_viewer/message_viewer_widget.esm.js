import {Component} from "@odoo/owl";
import {MessageViewer} from "./message_viewer.esm";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** The viewer in a form: of a message, or of its arrival in a mailbox. */
export class MessageViewerWidget extends Component {
    static template = "mail_mailbox_archive.MessageViewerWidget";
    static components = {MessageViewer};
    static props = {...standardWidgetProps};

    get messageId() {
        const {record} = this.props;
        return record.data.mailbox_message_id?.id || record.resId;
    }

    get mailboxId() {
        return this.props.record.data.mailbox_id?.id || false;
    }

    get linkCount() {
        return this.props.record.data.link_ids?.count || 0;
    }

    reload() {
        this.props.record.load();
    }
}

registry.category("view_widgets").add("mailbox_message_viewer", {
    component: MessageViewerWidget,
});
