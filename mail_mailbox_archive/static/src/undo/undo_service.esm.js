import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** Milliseconds that a notification offers to undo. */
const OFFERED = 10_000;
/** On the bus of the web client: something was undone. */
export const UNDONE = "MAILBOX-UNDONE";

/**
 * Tells what was done with messages, and offers to undo it.
 *
 * tell({message, type, undo}) - undo: ids of the lines of history to undo, or a
 *     function that undoes it
 * undo() - undo what was told last, as long as it is offered; whether there was any
 */
export const undoService = {
    dependencies: ["notification", "orm"],
    start(env, {notification, orm}) {
        let last = null;

        async function undo(told = last) {
            if (!told) {
                return false;
            }
            last = null;
            told.close();
            if (typeof told.ids === "function") {
                await told.ids();
            } else {
                await orm.call("mail.mailbox.history", "action_undo", [told.ids]);
            }
            notification.add(_t("Undone."), {type: "info"});
            env.bus.trigger(UNDONE);
            return true;
        }

        function tell({message, type, undo: ids}) {
            if (typeof ids !== "function" && !ids?.length) {
                notification.add(message, {type});
                return;
            }
            const told = {ids};
            told.close = notification.add(message, {
                type,
                autocloseDelay: OFFERED,
                buttons: [{name: _t("Undo"), onClick: () => undo(told)}],
                onClose: () => {
                    last = last === told ? null : last;
                },
            });
            last = told;
        }
        return {tell, undo: () => undo()};
    },
};

registry.category("services").add("mailbox_undo", undoService);
registry.category("actions").add("mail_mailbox_archive_done", (env, {params}) => {
    env.services.mailbox_undo.tell(params);
    return params.next;
});
