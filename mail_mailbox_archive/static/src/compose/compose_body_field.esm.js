import {HtmlField, htmlField} from "@html_editor/fields/html_field";
import {registry} from "@web/core/registry";

/** What no mail program shows; the buttons cost a third of the time to open. */
const LEFT_OUT = [
    "banner",
    "column",
    "file",
    "movenode",
    "powerButtons",
    "star",
    "video",
    "youtube",
];

/** The text of a mail. */
export class ComposeBodyField extends HtmlField {
    getConfig() {
        const config = super.getConfig();
        config.Plugins = config.Plugins.filter(({id}) => !LEFT_OUT.includes(id));
        return config;
    }
}

registry.category("fields").add("mailbox_compose_body", {
    ...htmlField,
    component: ComposeBodyField,
    additionalClasses: ["o_field_html"],
    extractProps({attrs, options}, dynamicInfo) {
        const props = htmlField.extractProps({attrs, options}, dynamicInfo);
        Object.assign(props, {embeddedComponents: false, migrateHTML: false});
        props.editorConfig.allowChecklist = false;
        return props;
    },
});
