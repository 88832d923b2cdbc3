import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatDateTime} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const {DateTime} = luxon;

/**
 * Return how old a moment is, in as few letters as possible; from a week on its date.
 *
 * @param {DateTime} moment
 * @param {DateTime} [now]
 */
export function formatAge(moment, now = DateTime.now()) {
    const minutes = Math.floor(now.diff(moment, "minutes").minutes);
    if (minutes < 1) {
        return minutes < -5 ? moment.toLocaleString(DateTime.DATE_SHORT) : _t("now");
    }
    if (minutes < 60) {
        return _t("%s min", minutes);
    }
    if (minutes < 24 * 60) {
        return _t("%s h", Math.floor(minutes / 60));
    }
    if (minutes < 7 * 24 * 60) {
        return _t("%s d", Math.floor(minutes / 1440));
    }
    const short =
        moment.year === now.year ? {day: "numeric", month: "short"} : undefined;
    return moment.toLocaleString(short || DateTime.DATE_SHORT);
}

/** The age of a message; the whole date on hover. */
export class MailAgeField extends Component {
    static template = "mail_mailbox_archive.MailAgeField";
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name];
    }

    get age() {
        return this.value ? formatAge(this.value) : "";
    }

    get whole() {
        return this.value ? formatDateTime(this.value) : "";
    }
}

registry.category("fields").add("mailbox_age", {
    component: MailAgeField,
    displayName: _t("Age"),
    supportedTypes: ["datetime"],
    // a column as narrow as what stands in it
    listViewWidth: [56, 80],
});
