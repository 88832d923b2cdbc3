import {registry} from "@web/core/registry";

/**
 * Opens the form to write a mail, from wherever messages are shown.
 *
 * answer(messageId, mode, {mailboxId, onClose}): mode is reply, reply_all or forward
 * write({resModel, resId, onClose}): a new mail, from a record or from nowhere
 */
export const composeService = {
    dependencies: ["action", "orm"],
    start(env, {action, orm}) {
        async function answer(messageId, mode, {mailboxId = false, onClose} = {}) {
            const description = await orm.call(
                "mail.mailbox.message",
                "action_compose",
                [[messageId], mode, mailboxId]
            );
            return action.doAction(description, {onClose});
        }
        async function write({resModel = false, resId = false, onClose} = {}) {
            const description = await orm.call("mail.mailbox.draft", "action_new", [
                resModel,
                resId,
            ]);
            return action.doAction(description, {onClose});
        }
        return {answer, write};
    },
};

registry.category("services").add("mailbox_compose", composeService);
