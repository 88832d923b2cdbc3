import {registry} from "@web/core/registry";

/**
 * Opens a draft of the server's choice where all emails are written: in a window beside
 * what one reads, on a phone on the whole screen.
 *
 * params: res_id, mode, is_fresh - whether it goes again if nobody writes on it
 */
export function openDraft(env, {params}) {
    const {res_id: resId, mode, is_fresh: isFresh} = params;
    return env.services.mailbox_compose.resume(resId, {mode, isFresh});
}

registry.category("actions").add("mail_mailbox_archive.compose", openDraft);
