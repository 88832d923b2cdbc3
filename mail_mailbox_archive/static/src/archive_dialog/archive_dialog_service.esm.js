import {registry} from "@web/core/registry";

/**
 * Opens the archive dialog, from wherever messages are shown.
 *
 * open({messageIds | arrivalIds, mailboxId, target, attached, withOthers, onClose})
 * - mailboxId: where the messages are read, hence archived from
 * - target: {resModel, resId} to fill in as the record
 * - attached: whether the messages are attached to a record already
 * - withOthers: whether the other emails of the conversations are chosen as well
 * - onClose: called when the dialog is gone, confirmed or not
 */
export const archiveDialogService = {
    dependencies: ["action"],
    start(env, {action}) {
        async function open({
            messageIds,
            arrivalIds,
            mailboxId,
            target,
            attached,
            withOthers,
            onClose,
        }) {
            const additionalContext = {
                active_model: arrivalIds
                    ? "mail.mailbox.arrival"
                    : "mail.mailbox.message",
                active_ids: arrivalIds || messageIds,
            };
            if (mailboxId) {
                additionalContext.default_mailbox_id = mailboxId;
            }
            if (target) {
                additionalContext.mailbox_archive_target = [
                    target.resModel,
                    target.resId,
                ];
            }
            if (withOthers) {
                additionalContext.default_with_others = true;
            }
            const suffix = attached ? "_more" : "";
            // without a context, which would be another one each time, Odoo keeps it
            const description = await action.loadAction(
                `mail_mailbox_archive.mail_mailbox_archive_wizard_action${suffix}`
            );
            return action.doAction(description, {additionalContext, onClose});
        }
        return {open};
    },
};

registry.category("services").add("mailbox_archive_dialog", archiveDialogService);
