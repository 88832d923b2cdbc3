/** What is opened, in the browser: Thunderbird shows no pages of Odoo itself. */

import {archiveAddress} from "./address.js";
import {load} from "./settings.js";

/** Emails that are opened at a time, each in a tab of its own. */
export const MAX_OPENED = 10;

/** Open the archive dialog of each email, the settings if there is no Odoo yet. */
export async function openArchive(messageIds) {
    const {address} = await load();
    if (!address) {
        await messenger.runtime.openOptionsPage();
        return;
    }
    for (const messageId of messageIds.slice(0, MAX_OPENED)) {
        await messenger.windows.openDefaultBrowser(archiveAddress(address, messageId));
    }
}
