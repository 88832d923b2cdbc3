/** The one call that is made: which records emails are attached to. */

import {isAllowed} from "./settings.js";

/** Message-IDs of one call, as Odoo takes them. */
export const MAX_MESSAGE_IDS = 100;
/** Milliseconds after which an answer is no longer waited for. */
const PATIENCE = 10_000;
/** By status: which sentence says what is wrong. */
const REFUSALS = {401: "errorKey", 403: "errorRights", 404: "errorMissing"};

/** A call that did not work, for a reason that is said in words. */
export class Refusal extends Error {
    /**
     * @param {string} sentence the name of the sentence in _locales
     * @param {string} detail what stands in it
     */
    constructor(sentence, detail = "") {
        super(sentence);
        this.sentence = sentence;
        this.detail = detail;
    }
}

/**
 * Return which records emails are attached to.
 *
 * @param {Object} settings address, database, key
 * @param {string[]} messageIds at most MAX_MESSAGE_IDS
 * @returns {Promise<Object[]>} as `find_attached` of Odoo's `mail.mailbox.message`
 * @throws {Refusal}
 */
export async function findAttached({address, database, key}, messageIds) {
    if (!address || !key) {
        throw new Refusal("setUp");
    }
    if (!(await isAllowed(address))) {
        throw new Refusal("errorPermission", address);
    }
    const headers = {
        Authorization: `Bearer ${key}`,
        "Content-Type": "application/json",
    };
    if (database) {
        headers["X-Odoo-Database"] = database;
    }
    let answer = null;
    try {
        answer = await fetch(`${address}/json/2/mail.mailbox.message/find_attached`, {
            method: "POST",
            headers,
            body: JSON.stringify({message_ids: messageIds}),
            cache: "no-store",
            credentials: "omit",
            // the key goes to this server and to no other
            redirect: "error",
            referrerPolicy: "no-referrer",
            signal: AbortSignal.timeout(PATIENCE),
        });
    } catch {
        throw new Refusal("errorUnreachable", address);
    }
    if (!answer.ok) {
        throw new Refusal(REFUSALS[answer.status] || "errorOdoo", `${answer.status}`);
    }
    const found = await answer.json().catch(() => null);
    if (!Array.isArray(found) || found.length !== messageIds.length) {
        throw new Refusal("errorOdoo", `${answer.status}`);
    }
    return found;
}
