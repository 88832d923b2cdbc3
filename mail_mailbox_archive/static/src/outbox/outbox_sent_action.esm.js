import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

/** Milliseconds that a word about a sent mail stays. */
const SHOWN = 4000;

/**
 * Say that a mail is in the outbox, and let its writer take it back for a moment.
 *
 * params: message, type, outbox_id, undo - seconds for which it waits, next - an action
 */
export function showSent(env, {params}) {
    const {notification, orm, mailbox_compose: compose} = env.services;
    const wait = Math.round(params.undo * 1000);
    let close = null;
    let left = null;
    const undo = async () => {
        browser.clearTimeout(left);
        close();
        const draft = await orm.call("mail.mailbox.outbox", "action_edit", [
            [params.outbox_id],
        ]);
        return compose.resume(draft.res_id);
    };
    close = notification.add(params.message, {
        type: params.type,
        autocloseDelay: wait || SHOWN,
        buttons: wait ? [{name: _t("Undo"), primary: true, onClick: undo}] : [],
    });
    if (wait) {
        // a trigger at a later time wakes nobody: this does
        left = browser.setTimeout(() => {
            close();
            orm.silent.call("mail.mailbox.outbox", "wake", []).catch(() => undefined);
        }, wait);
    }
    return params.next;
}

registry.category("actions").add("mail_mailbox_archive.sent", showSent);
