import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {MessageAttachments} from "@mail_mailbox_archive/message_viewer/message_attachments.esm";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";

patch(MessageAttachments.prototype, {
    setup() {
        super.setup();
        this.orm = useService("orm");
    },

    get billable() {
        return this.props.attached ? [] : this.all.filter((file) => file.may_bill);
    },

    makeBillTitle(file) {
        return this.billable.length > 1 ? file.name : undefined;
    },

    /** Make a vendor bill of an electronic invoice, after saying who will read it. */
    makeBill(file) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Make a vendor bill?"),
            body: _t(
                "%s: the file and the email become readable for everybody who can open the bill.",
                file.invoice
            ),
            confirmLabel: _t("Make a vendor bill"),
            confirm: async () => {
                const method = "action_make_vendor_bill";
                const bill = await this.orm.call("mail.mailbox.part", method, [
                    [file.id],
                ]);
                await this.action.doAction(bill);
            },
            cancel: () => undefined,
        });
    },
});
