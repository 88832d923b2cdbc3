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
                _t("All the <b>mail of your company</b> is here. Have a look.")
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
                _t("<b>Set up a mailbox.</b> Its mail then arrives by itself.")
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_data_row .o-mailbox-MailLine",
            content: markup(_t("<b>Choose an email</b>: it opens beside the list.")),
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
                _t("From now on it is <b>on the record</b>. One click leads there.")
            ),
            tooltipPosition: "left",
            run: "click",
        },
    ],
});
