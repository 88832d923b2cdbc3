/** What a person sets up: which Odoo, and the key to it. */

import {originsOf} from "./address.js";

const EMPTY = {address: "", database: "", key: ""};

/** Return the settings; an empty address where there are none yet. */
export function load() {
    return messenger.storage.local.get(EMPTY);
}

/** Keep settings; another host than before is no longer contacted. */
export async function save(settings) {
    const before = await load();
    await messenger.storage.local.set(settings);
    if (before.address && before.address !== settings.address) {
        await withdraw(before.address, settings.address);
    }
}

/** Remove address, key and permission. */
export async function forget() {
    const {address} = await load();
    await messenger.storage.local.clear();
    if (address) {
        await withdraw(address, "");
    }
}

async function withdraw(address, kept) {
    const origins = originsOf(address);
    if (!kept || originsOf(kept).origins[0] !== origins.origins[0]) {
        await messenger.permissions.remove(origins);
    }
}

/** Return whether that Odoo may be asked: Thunderbird keeps the permission. */
export function isAllowed(address) {
    return messenger.permissions.contains(originsOf(address));
}
