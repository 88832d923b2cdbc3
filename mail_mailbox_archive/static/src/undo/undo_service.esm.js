import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/** Milliseconds that a notification offers to undo. */
const OFFERED = 10_000;
/** On the bus of the web client: something was undone. */
export const UNDONE = "MAILBOX-UNDONE";

/**
 * Tells what was done with messages, and offers to undo it.
 *
 * tell({message, type, undo}) - undo: ids of the lines of history to undo
 * undo() - undo what was told last, as long as it is offered
 */
export const undoService = {
    dependencies: ["notification", "orm"],
    start(env, {notification, orm}) {
        let last = null;

        async function undo(told = last) {
            if (!told) {
                return;
            }
            last = null;
            told.close();
            await orm.call("mail.mailbox.history", "action_undo", [told.ids]);
            notification.add(_t("Undone."), {type: "info"});
            env.bus.trigger(UNDONE);
        }

        function tell({message, type, undo: ids}) {
            if (!ids?.length) {
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
