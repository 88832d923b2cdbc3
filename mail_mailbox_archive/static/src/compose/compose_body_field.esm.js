import {HtmlField, htmlField} from "@html_editor/fields/html_field";
import {ComposePowerboxPlugin, SnippetsPlugin} from "./snippets_plugin.esm";
import {ComposeClipboardPlugin} from "./paste_plugin.esm";
import {SignaturePlugin} from "./signature_plugin.esm";
import {registry} from "@web/core/registry";
import {useRecordObserver} from "@web/model/relational_model/utils";

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
/** What a mail does its own way. */
const OWN = [
    ComposeClipboardPlugin,
    ComposePowerboxPlugin,
    SignaturePlugin,
    SnippetsPlugin,
];

/** The text of a mail. */
export class ComposeBodyField extends HtmlField {
    setup() {
        super.setup();
        useRecordObserver(({data}) => {
            // another mailbox has other ones
            const from = `${data.mailbox_id?.id} ${data.signature}`;
            if (this.from && this.from !== from) {
                this.editor?.shared.mailboxSignature?.showSignature();
                this.editor?.shared.mailboxSnippets?.loadSnippets();
            }
            this.from = from;
        });
    }

    /** The same editor also where what is written became a draft of its own. */
    get wysiwygKey() {
        return String(this.state.key);
    }

    getConfig() {
        const config = super.getConfig();
        const left = [...LEFT_OUT, ...OWN.map(({id}) => id)];
        config.Plugins = [
            ...config.Plugins.filter(({id}) => !left.includes(id)),
            ...OWN,
        ];
        return Object.assign(config, {
            shortTexts: [],
            getMailbox: () => this.props.record.data.mailbox_id?.id || false,
            getSignature: () => this.props.record.data.signature,
            callDraft: (method, ...args) => {
                const {resModel, resId} = this.props.record;
                return this.ormService.call(resModel, method, [[resId], ...args]);
            },
        });
    }
}

registry.category("fields").add("mailbox_compose_body", {
    ...htmlField,
    component: ComposeBodyField,
    additionalClasses: ["o_field_html"],
    fieldDependencies: [{name: "signature", type: "html", readonly: true}],
    extractProps({attrs, options}, dynamicInfo) {
        const props = htmlField.extractProps({attrs, options}, dynamicInfo);
        Object.assign(props, {embeddedComponents: false, migrateHTML: false});
        props.editorConfig.allowChecklist = false;
        return props;
    },
});
