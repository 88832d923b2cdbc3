import {_t} from "@web/core/l10n/translation";
import {markup} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

/** The way of one email: from the Queue to the record it belongs to. */
registry.category("web_tour.tours").add("mail_mailbox_archive_tour", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            trigger:
                '.o_app[data-menu-xmlid="mail_mailbox_archive.mail_mailbox_menu_root"]',
            content: markup(
                _t("All the <b>emails of your company</b> are here. Have a look.")
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o-mailbox-MailLine, .o-mailbox-MailEmptyState",
        },
        {
            isActive: [".o-mailbox-MailEmptyState[data-code=no_mailbox]"],
            trigger: ".o-mailbox-MailEmptyState button",
            content: markup(
                _t("<b>Set up a mailbox.</b> Its emails then arrive automatically.")
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_data_row .o-mailbox-MailLine",
            content: markup(_t("<b>Choose an email</b>: it opens next to the list.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o-mailbox-MessageViewer-archive",
            content: markup(_t("<b>Archive it</b> where it belongs.")),
            tooltipPosition: "left",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            content: markup(
                _t("Here is the record, and who will read the email. <b>Confirm.</b>")
            ),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: ".o-mailbox-MessageViewer .o-mailbox-RecordChips-chip",
            content: markup(
                _t("It is now <b>on the record</b>. Click here to open it.")
            ),
            tooltipPosition: "left",
            run: "click",
        },
    ],
});
