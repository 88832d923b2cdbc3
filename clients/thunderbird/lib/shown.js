/** Emails that Thunderbird shows or has selected, by their Message-ID. */

/** Letters of a Message-ID that are sent: a line of a header is no longer. */
const LONGEST = 998;

/** Return the messages of a list: Thunderbird hands over pages or plain lists. */
export function messagesOf(list) {
    return list?.messages || (Array.isArray(list) ? list : []);
}

/** Return the Message-IDs of messages. */
export function idsOf(list) {
    return messagesOf(list)
        .map(({headerMessageId}) => headerMessageId?.slice(0, LONGEST).toWellFormed())
        .filter(Boolean);
}

/** Return the Message-IDs of what a tab shows, else of what is selected there. */
export async function idsIn(tab) {
    const shown = idsOf(await messenger.messageDisplay.getDisplayedMessages(tab.id));
    if (shown.length || tab.type !== "mail") {
        return shown;
    }
    return idsOf(await messenger.mailTabs.getSelectedMessages(tab.id));
}
