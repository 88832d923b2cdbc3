/** Addresses: of an Odoo, and of what is opened there. */

/** Hosts that may do without https, as they are this computer. */
const LOCAL = ["localhost", "127.0.0.1"];

/**
 * Return the address of an Odoo as it is kept, "" for what is none.
 *
 * @param {string} written as a person types it, "https://" may be left out
 * @returns {string} scheme, host and port
 */
export function readAddress(written) {
    const text = written.trim();
    let url = null;
    try {
        url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
    } catch {
        return "";
    }
    const secure =
        url.protocol === "https:" ||
        (url.protocol === "http:" && LOCAL.includes(url.hostname));
    return secure && !url.username && !url.password ? url.origin : "";
}

/** Return the permission for one host: a pattern knows no ports. */
export function originsOf(address) {
    const {protocol, hostname} = new URL(address);
    return {origins: [`${protocol}//${hostname}/*`]};
}

/** Return the address that opens an email with the archive dialog. */
export function archiveAddress(address, messageId) {
    return `${address}/mail_mailbox_archive/archive?message_id=${encodeURIComponent(messageId)}`;
}

/** Return the address of a record, "" for a path that leads anywhere else. */
export function recordAddress(address, path) {
    if (typeof path !== "string" || !path.startsWith("/")) {
        return "";
    }
    const url = new URL(path, address);
    return url.origin === new URL(address).origin ? url.href : "";
}
