/** The popup of the button: the records as links, and "Archive in Odoo". */

import {Refusal, findAttached} from "../lib/odoo.js";
import {idsIn} from "../lib/shown.js";
import {load} from "../lib/settings.js";
import {openArchive} from "../lib/open.js";
import {readFound} from "../lib/attached.js";

const getMessage = (...args) => messenger.i18n.getMessage(...args);
const find = (id) => document.getElementById(id);

/** What leads to a page in the browser, and closes the popup. */
function onOpen(element, open) {
    element.addEventListener("click", async (event) => {
        event.preventDefault();
        await open();
        window.close();
    });
}

function addRecord({name, url}) {
    const item = document.createElement("li");
    if (url) {
        const link = document.createElement("a");
        link.href = url;
        link.textContent = name;
        onOpen(link, () => messenger.windows.openDefaultBrowser(url));
        item.append(link);
    } else {
        item.textContent = getMessage("gone", [name]);
    }
    find("records").append(item);
}

function showFound(shown) {
    find("status").textContent = getMessage(
        shown.records.length ? "attachedHeading" : "nothing"
    );
    shown.records.forEach(addRecord);
    find("several").hidden = !shown.several;
}

/** Fill the popup for the email that is shown. */
export async function start() {
    const [tab] = await messenger.tabs.query({active: true, currentWindow: true});
    const ids = await idsIn(tab);
    const settings = await load();
    onOpen(find("archive"), () => openArchive(ids));
    onOpen(find("settings"), () => messenger.runtime.openOptionsPage());
    find("archive").hidden = !settings.address || !ids.length;
    try {
        const [found] = await findAttached(settings, ids.slice(0, 1));
        showFound(readFound(found, settings.address));
    } catch (error) {
        if (!(error instanceof Refusal)) {
            throw error;
        }
        find("status").textContent = getMessage(error.sentence, [error.detail]);
        find("settings").hidden = false;
    }
}

await start();
