import {Component, useEffect, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCount} from "./attached_emails_service.esm";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** The number of messages attached to a record; a click lists them. */
class AttachedButton extends Component {
    setup() {
        this.emails = useService("mailbox_attached_emails");
        this.counts = useState(this.emails.counts);
    }

    get count() {
        return this.counts[`${this.resModel},${this.resId}`] || 0;
    }

    get number() {
        return formatCount(this.count);
    }

    get label() {
        return _t("%s emails attached", this.number);
    }

    open() {
        return this.emails.openAll(this.resModel, this.resId);
    }
}

/** Among the other buttons at the top of a form; its number is asked for by the form. */
export class AttachedStatButton extends AttachedButton {
    static template = "mail_mailbox_archive.AttachedStatButton";
    static props = {...standardWidgetProps};

    get resModel() {
        return this.props.record.resModel;
    }

    get resId() {
        return this.props.record.resId;
    }
}

/** Beside the chatter of a record whose model holds archived mail. */
export class AttachedChatterButton extends AttachedButton {
    static template = "mail_mailbox_archive.AttachedChatterButton";
    static props = {thread: Object};

    setup() {
        super.setup();
        useEffect(
            (enabled, resId) => {
                if (enabled && resId && !(`${this.resModel},${resId}` in this.counts)) {
                    this.emails.count(this.resModel, resId);
                }
            },
            () => [this.isEnabled, this.resId]
        );
    }

    get isEnabled() {
        return this.emails.models.has(this.resModel);
    }

    get resModel() {
        return this.props.thread.model;
    }

    get resId() {
        return this.props.thread.id;
    }
}

registry.category("view_widgets").add("mailbox_attached_button", {
    component: AttachedStatButton,
});
