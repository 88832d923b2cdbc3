import {Component, onMounted, useRef, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const KEY = "mail_mailbox_archive.compose_full";

/** Makes the form to write an email as large as the window, and so the next time. */
export class SizeWidget extends Component {
    static template = "mail_mailbox_archive.Size";
    static props = {...standardWidgetProps};

    setup() {
        this.button = useRef("button");
        this.state = useState({full: Boolean(browser.localStorage.getItem(KEY))});
        onMounted(() => this.apply());
    }

    apply() {
        const dialog = this.button.el?.closest(".modal-dialog");
        dialog?.classList.toggle("modal-fullscreen", this.state.full);
    }

    toggle() {
        this.state.full = !this.state.full;
        if (this.state.full) {
            browser.localStorage.setItem(KEY, "1");
        } else {
            browser.localStorage.removeItem(KEY);
        }
        this.apply();
    }
}

registry.category("view_widgets").add("mailbox_compose_size", {component: SizeWidget});
