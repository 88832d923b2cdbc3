import {onMounted} from "@odoo/owl";
import {FormController} from "@web/views/form/form_controller";
import {browser} from "@web/core/browser/browser";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

/**
 * The archive dialog: with a chosen record the next Enter confirms it; with suggestions
 * alone it takes the first; without any the next letters are those of the record.
 */
export class ArchiveFormController extends FormController {
    setup() {
        super.setup();
        // after the dialog has taken the focus for itself
        onMounted(() => browser.setTimeout(() => this.focusNext()));
    }

    focusNext() {
        const dialog = this.rootRef.el?.closest(".modal");
        const {records} = this.model.root.data.line_ids;
        const chip = dialog?.querySelector(".o-mailbox-Suggestions-chip");
        if (records.some((line) => line.data.res_id)) {
            dialog?.querySelector("button[name=action_confirm]")?.focus();
        } else if (chip) {
            chip.focus();
        } else {
            dialog?.querySelector(".o_data_row td[name=res_id]")?.click();
        }
    }
}

registry.category("views").add("mailbox_archive_form", {
    ...formView,
    Controller: ArchiveFormController,
});
