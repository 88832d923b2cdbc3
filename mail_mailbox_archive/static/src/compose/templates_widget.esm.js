import {Component, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** Puts a template above what is written; the list is asked for when it is opened. */
export class TemplatesWidget extends Component {
    static template = "mail_mailbox_archive.Templates";
    static components = {Dropdown, DropdownItem};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({templates: []});
    }

    call(method, ...args) {
        const {resModel, resId} = this.props.record;
        return this.orm.call(resModel, method, [[resId], ...args]);
    }

    async load() {
        this.state.templates = await this.call("find_templates");
    }

    async apply(template) {
        const {record} = this.props;
        if (await record.save()) {
            await this.call("apply_template", template.id);
            await record.load();
        }
    }
}

registry.category("view_widgets").add("mailbox_compose_templates", {
    component: TemplatesWidget,
});
