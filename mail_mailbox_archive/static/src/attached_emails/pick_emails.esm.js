import {SelectCreateDialog} from "@web/views/view_dialogs/select_create_dialog";
import {_t} from "@web/core/l10n/translation";
import {markup} from "@odoo/owl";
import {onRecord} from "./attached_emails_service.esm";

const SOURCES = {
    archives: {
        resModel: "mail.mailbox.message",
        views: "mail_mailbox_message_view",
        links: "link_ids",
        domain: [["archived", "=", true]],
        title: () => _t("Attach archived email"),
    },
    queue: {
        resModel: "mail.mailbox.arrival",
        views: "mail_mailbox_arrival_view",
        links: "mailbox_message_id.link_ids",
        domain: [],
        title: () => _t("Archive from Queue"),
    },
};

/**
 * Let one pick messages that are not attached to a record yet.
 *
 * @param {Object} dialog the service
 * @param {"archives"|"queue"} source
 * @param {{resModel: String, resId: Number}} record
 * @param {Function} onPicked gets the ids
 */
export function pickEmails(dialog, source, {resModel, resId}, onPicked) {
    const {views, links, domain, title, resModel: pickedModel} = SOURCES[source];
    dialog.add(SelectCreateDialog, {
        title: title(),
        resModel: pickedModel,
        domain: [...domain, "!", [links, "any", onRecord(resModel, resId)]],
        context: {
            list_view_ref: `mail_mailbox_archive.${views}_list_pick`,
            kanban_view_ref: `mail_mailbox_archive.${views}_kanban_pick`,
        },
        multiSelect: true,
        noCreate: true,
        noContentHelp: noContentHelp(),
        onSelected: onPicked,
    });
}

function noContentHelp() {
    const text = _t("There are no emails that you could attach here.");
    return markup`<p class="o_view_nocontent_smiling_face">${text}</p>`;
}
