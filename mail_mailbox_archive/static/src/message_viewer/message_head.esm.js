import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

/**
 * Return the headers of a message that have people, with what each is called.
 *
 * @param {Object} data of the message, see get_view_data
 */
export function messagePeople(data) {
    const labels = {
        email_from: _t("From"),
        email_to: _t("To"),
        email_cc: _t("Cc"),
        email_bcc: _t("Bcc"),
        email_reply_to: _t("Reply to"),
    };
    return Object.keys(labels)
        .filter((name) => data[name].length)
        .map((name) => ({name, label: labels[name], people: data[name]}));
}

/**
 * Return when a message was written, for people.
 *
 * @param {Object} data of the message, see get_view_data
 */
export function messageDate(data) {
    return data.date ? toLocaleDateTimeString(deserializeDateTime(data.date)) : "";
}
