import {Domain} from "@web/core/domain";
import {Many2OneReferenceField} from "@web/views/fields/many2one_reference/many2one_reference_field";
import {registry} from "@web/core/registry";

/**
 * The record to archive to: a reference whose choices are those of its record type.
 *
 * Where the form tells how a new one begins, one can be made, in its own form: a slip
 * while typing makes none.
 */
export class ArchiveRecordField extends Many2OneReferenceField {
    get m2oProps() {
        const {record_domain: domain, new_record: made} = this.props.record.data;
        const props = super.m2oProps;
        return {
            ...props,
            domain: () => new Domain(domain || "[]").toList({}),
            context: {...props.context, ...made},
            canCreate: Boolean(made),
            canCreateEdit: Boolean(made),
            canQuickCreate: false,
        };
    }
}

registry.category("fields").add("mailbox_archive_record", {
    ...registry.category("fields").get("many2one_reference"),
    component: ArchiveRecordField,
});
