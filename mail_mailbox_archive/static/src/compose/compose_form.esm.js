import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {onMounted} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/**
 * The form of a mail being written. Closed without a word, what was written is kept as
 * a draft, and what nobody wrote on is thrown away.
 */
export class ComposeFormController extends FormController {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.touched = !this.props.context.mailbox_fresh_draft;
        if (this.env.inDialog) {
            this.env.dialogData.dismiss = () => this.keep();
        }
        onMounted(() => this.focus());
    }

    /** An answer knows its recipients: one writes at once. */
    focus() {
        const answers = this.model.root.data.mode?.startsWith("reply");
        const place = answers ? "body] .odoo-editor-editable" : "email_to] input";
        this.rootRef.el.querySelector(`[name=${place}`)?.focus();
    }

    async beforeExecuteActionButton(clickParams) {
        this.touched = true;
        return super.beforeExecuteActionButton(clickParams);
    }

    async keep() {
        const {root} = this.model;
        if (await root.isDirty()) {
            await root.save({reload: false});
        } else if (!this.touched) {
            await this.orm.call(root.resModel, "action_discard", [[root.resId]]);
        }
    }
}

registry.category("views").add("mailbox_compose_form", {
    ...formView,
    Controller: ComposeFormController,
});
