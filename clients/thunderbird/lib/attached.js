/** What is shown of an email: the records it is attached to. */

import {recordAddress} from "./address.js";

/** Letters of a record's name on the button. */
const SHORT = 30;

/**
 * Return the records of an answer about one email, each once.
 *
 * @param {Object} found one of what `findAttached` returns
 * @param {string} address of the Odoo
 * @returns {{several: boolean, here: boolean, records: Object[]}} records with name and
 *     url, "" for one that was deleted
 */
export function readFound(found, address) {
    const emails = Array.isArray(found?.emails) ? found.emails : [];
    const records = new Map();
    for (const record of emails.flatMap((email) => email.records || [])) {
        const key = `${record.res_model},${record.res_id},${record.name}`;
        records.set(key, {
            name: String(record.name || `${record.res_model} ${record.res_id}`),
            url: recordAddress(address, record.path),
        });
    }
    return {
        several: emails.length > 1,
        here: emails.length > 0,
        records: [...records.values()],
    };
}

/** Return a sentence about the records, for the tooltip of the button. */
export function sentenceOf({records}, getMessage) {
    const names = records.map((record) => record.name).join(", ");
    return records.length ? getMessage("attachedTo", [names]) : getMessage("nothing");
}

/** Return the words on the button. */
export function labelOf({records}, getMessage) {
    if (!records.length) {
        return "Odoo";
    }
    const [{name}] = records;
    const letters = Array.from(name);
    const short =
        letters.length > SHORT ? `${letters.slice(0, SHORT - 1).join("")}…` : name;
    return records.length === 1
        ? short
        : getMessage("andMore", [short, `${records.length - 1}`]);
}
