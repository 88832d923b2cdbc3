import {onMounted, status} from "@odoo/owl";
import {FormController} from "@web/views/form/form_controller";
import {browser} from "@web/core/browser/browser";
import {formView} from "@web/views/form/form_view";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/**
 * The archive dialog: with a chosen record the next Enter confirms it; with suggestions
 * alone it takes the first; without any the next letters are those of the record.
 */
export class ArchiveFormController extends FormController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        // after the dialog has taken the focus for itself
        onMounted(() => browser.setTimeout(() => this.focusNext()));
    }

    get hasRecord() {
        return this.model.root.data.line_ids.records.some((line) => line.data.res_id);
    }

    focusNext() {
        const dialog = this.rootRef.el?.closest(".modal");
        const chip = dialog?.querySelector(".o-mailbox-Suggestions-chip");
        if (this.hasRecord) {
            dialog?.querySelector("button[name=action_confirm]")?.focus();
        } else if (chip) {
            chip.focus();
        } else {
            dialog?.querySelector(".o_data_row td[name=res_id]")?.click();
        }
    }

    /** Of a form that is about to close nothing is computed and read once more. */
    async beforeExecuteActionButton(clickParams) {
        if (clickParams.name !== "action_confirm") {
            return super.beforeExecuteActionButton(clickParams);
        }
        // a suggestion that was clicked may be on its way
        await this.model.root.isDirty();
        if (!this.hasRecord) {
            const sentence = _t(
                "Choose the record to attach the email to, then confirm."
            );
            this.notification.add(sentence, {type: "warning"});
            return false;
        }
        return this.model.root.save({reload: false});
    }

    /** After an error the form stays, and is filled in from what was saved. */
    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        // a form that closes is gone with the next frame
        await new Promise((resolve) => browser.requestAnimationFrame(resolve));
        if (clickParams.name === "action_confirm" && status(this) !== "destroyed") {
            await this.model.load();
        }
    }
}

registry.category("views").add("mailbox_archive_form", {
    ...formView,
    Controller: ArchiveFormController,
});
