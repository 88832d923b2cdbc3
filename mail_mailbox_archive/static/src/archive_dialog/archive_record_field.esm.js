import {Domain} from "@web/core/domain";
import {Many2OneReferenceField} from "@web/views/fields/many2one_reference/many2one_reference_field";
import {registry} from "@web/core/registry";

/**
 * The record to archive to: a reference whose choices are those of its record type.
 */
export class ArchiveRecordField extends Many2OneReferenceField {
    get m2oProps() {
        const domain = this.props.record.data.record_domain || "[]";
        return {
            ...super.m2oProps,
            domain: () => new Domain(domain).toList({}),
        };
    }
}

registry.category("fields").add("mailbox_archive_record", {
    ...registry.category("fields").get("many2one_reference"),
    component: ArchiveRecordField,
});
