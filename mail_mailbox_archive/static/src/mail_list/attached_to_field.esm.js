import {Component} from "@odoo/owl";
import {RecordChips} from "../message_viewer/record_chips.esm";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/**
 * The column "Email attached to": the records of the message, each of which opens.
 *
 * Where it stands, the line itself leaves them out; where a list is too narrow for the
 * column it is the other way round, see the style of the list.
 */
export class AttachedToField extends Component {
    static template = "mail_mailbox_archive.AttachedToField";
    static components = {RecordChips};
    static props = {...standardFieldProps};

    get records() {
        return this.props.record.data.attached_records;
    }
}

registry.category("fields").add("mailbox_attached_to", {
    component: AttachedToField,
    displayName: _t("Records of an email"),
    supportedTypes: ["char"],
    listViewWidth: [110, 220],
});
