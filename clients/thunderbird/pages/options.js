/** The settings: which Odoo, and the key to it. */

import {Refusal, findAttached} from "../lib/odoo.js";
import {forget, load, save} from "../lib/settings.js";
import {originsOf, readAddress} from "../lib/address.js";

const getMessage = (...args) => messenger.i18n.getMessage(...args);
const find = (id) => document.getElementById(id);
/** The settings that the page was opened with, without a pause before a permission. */
let known = await load();

function say(sentence, detail = "") {
    find("status").textContent = getMessage(sentence, [detail]);
}

function fill() {
    find("address").value = known.address;
    find("database").value = known.database;
    find("key").value = "";
    find("key").placeholder = known.key ? getMessage("keyKept") : "";
}

/** Return what was typed in, null after saying what is wrong with it. */
function read() {
    const address = readAddress(find("address").value);
    if (!address) {
        say("badAddress");
        return null;
    }
    // a key opens the Odoo that it was entered for, and is sent to no other
    const kept = address === known.address ? known.key : "";
    const key = find("key").value.trim() || kept;
    if (!key) {
        say("keyNeeded");
        return null;
    }
    return {address, database: find("database").value.trim(), key};
}

async function submit(event) {
    event.preventDefault();
    const settings = read();
    if (!settings) {
        return;
    }
    // first of all: Thunderbird asks only as the answer to a click
    const allowed = await messenger.permissions.request(originsOf(settings.address));
    if (!allowed) {
        say("denied");
        return;
    }
    await save(settings);
    known = settings;
    fill();
    try {
        // about no email: whether address, database and key are right
        await findAttached(settings, []);
        say("saved");
    } catch (error) {
        if (!(error instanceof Refusal)) {
            throw error;
        }
        say(error.sentence, error.detail);
    }
}

find("form").addEventListener("submit", submit);
find("forget").addEventListener("click", async () => {
    await forget();
    known = await load();
    fill();
    say("forgotten");
});
fill();
// before that, the page would be sent somewhere
find("save").disabled = false;
