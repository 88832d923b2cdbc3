import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Suggested records as chips, each with its evidence; a click takes one or leaves it. */
export class SuggestionsField extends Component {
    static template = "mail_mailbox_archive.SuggestionsField";
    static props = {...standardFieldProps};

    get suggestions() {
        const chosen = this.props.record.data.line_ids.records.map(({data}) =>
            [data.res_model, data.res_id?.resId ?? data.res_id].join()
        );
        return (this.props.record.data[this.props.name] || []).map((suggestion) => ({
            ...suggestion,
            chosen: chosen.includes([suggestion.model, suggestion.res_id].join()),
        }));
    }

    async pick(index, ev) {
        const dialog = ev.target.closest(".modal");
        await this.props.record.update({picked: index});
        // by the keyboard: the next Enter confirms what was taken
        if (!ev.detail && this.suggestions[index].chosen) {
            dialog?.querySelector("button[name=action_confirm]")?.focus();
        }
    }
}

registry.category("fields").add("mailbox_suggestions", {
    component: SuggestionsField,
    displayName: _t("Suggested records"),
    supportedTypes: ["json"],
});
