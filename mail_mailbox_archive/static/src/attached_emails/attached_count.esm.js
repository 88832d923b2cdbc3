import {Component, onWillUnmount, useEffect, useRef, useState, xml} from "@odoo/owl";
import {formatCount} from "./attached_emails_service.esm";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const VARIABLE = "--o-mailbox-attached-count";

/**
 * Counts the messages of the record and shows the number beside the tab's title.
 *
 * A notebook mounts only the page one is on, and a page's title is fixed: so the number
 * is a property of the whole form's style, and the style sheet writes it out.
 */
export class AttachedCount extends Component {
    static template = xml`<span t-ref="root" class="d-none"/>`;
    static props = {...standardWidgetProps};

    setup() {
        this.emails = useService("mailbox_attached_emails");
        this.counts = useState(this.emails.counts);
        this.root = useRef("root");
        useEffect(
            (resModel, resId) => {
                if (resId) {
                    this.emails.count(resModel, resId);
                }
            },
            () => [this.props.record.resModel, this.props.record.resId]
        );
        useEffect(
            (number) => this.write(number ? `"${formatCount(number)}"` : ""),
            () => [this.number]
        );
        onWillUnmount(() => this.write(""));
    }

    get number() {
        const {resModel, resId} = this.props.record;
        return this.counts[`${resModel},${resId}`] || 0;
    }

    write(value) {
        this.root.el?.closest(".o_form_renderer")?.style.setProperty(VARIABLE, value);
    }
}

registry.category("view_widgets").add("mailbox_attached_count", {
    component: AttachedCount,
});
