/** Says on the button what the shown email is attached to; the menu item, the key. */

import {MAX_OPENED, openArchive} from "./lib/open.js";
import {idsIn, idsOf, messagesOf} from "./lib/shown.js";
import {labelOf, readFound, sentenceOf} from "./lib/attached.js";
import {Refusal, findAttached} from "./lib/odoo.js";
import {load} from "./lib/settings.js";

const MENU = "archive";
/** Milliseconds an email is shown before Odoo is asked about it: people scroll past. */
const PAUSE = 300;

const getMessage = (...args) => messenger.i18n.getMessage(...args);
const action = messenger.messageDisplayAction;
/** Behind the number of records, and behind the mark of what went wrong. */
const [CALM, ALARM] = ["#714b67", "#b02a37"];
/** By tab: the number of the latest question there, so that late answers are dropped. */
const latest = new Map();

function tell(tabId, title, label, badge) {
    return Promise.all([
        action.setTitle({tabId, title}),
        action.setLabel({tabId, label}),
        action.setBadgeText({tabId, text: badge}),
        action.setBadgeBackgroundColor({tabId, color: badge === "!" ? ALARM : CALM}),
    ]);
}

/** Ask about the shown email, and say on the button of its tab what came of it. */
export async function show(tab, list) {
    const number = (latest.get(tab.id) || 0) + 1;
    latest.set(tab.id, number);
    const ids = idsOf(list);
    await tell(tab.id, getMessage("name"), "Odoo", "");
    const settings = await load();
    if (ids.length !== 1 || !settings.address) {
        return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (latest.get(tab.id) !== number) {
        return;
    }
    let said = null;
    try {
        const [found] = await findAttached(settings, ids);
        const shown = readFound(found, settings.address);
        const count = shown.records.length ? `${shown.records.length}` : "";
        said = [sentenceOf(shown, getMessage), labelOf(shown, getMessage), count];
    } catch (error) {
        if (!(error instanceof Refusal)) {
            throw error;
        }
        said = [getMessage(error.sentence, [error.detail]), "Odoo", "!"];
    }
    if (latest.get(tab.id) === number) {
        await tell(tab.id, ...said);
    }
}

messenger.messageDisplay.onMessagesDisplayed.addListener(show);
messenger.tabs.onRemoved.addListener((tabId) => latest.delete(tabId));

messenger.commands.onCommand.addListener(async (command, tab) => {
    if (command === "archive") {
        await openArchive(await idsIn(tab));
    }
});

messenger.menus.create(
    {id: MENU, title: getMessage("archive"), contexts: ["message_list"]},
    // it is there already after a pause of this script: Thunderbird keeps it
    () => messenger.runtime.lastError
);
messenger.menus.onShown.addListener(async (info) => {
    if (info.menuIds.includes(MENU)) {
        const count = messagesOf(info.selectedMessages).length;
        const enabled = count > 0 && count <= MAX_OPENED;
        await messenger.menus.update(MENU, {enabled});
        await messenger.menus.refresh();
    }
});
messenger.menus.onClicked.addListener(async (info) => {
    if (info.menuItemId === MENU) {
        await openArchive(idsOf(info.selectedMessages));
    }
});
