import {InvitationCard} from "@mail_mailbox_archive/invitation/invitation_card.esm";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";

patch(InvitationCard.prototype, {
    /** What the calendar button does and is called; nothing without one. */
    get calendarButton() {
        const {action, removable} = this.props.invitation.calendar || {};
        return {
            add: {method: "put_into_calendar", label: _t("Add to my calendar")},
            change: {method: "put_into_calendar", label: _t("Change in my calendar")},
            remove: {
                method: "remove_from_calendar",
                label: _t("Remove from my calendar"),
            },
            there: removable && {
                method: "remove_from_calendar",
                label: _t("Remove from my calendar"),
            },
        }[action];
    },

    async useCalendar() {
        const {messageId, invitation} = this.props;
        this.state.busy = true;
        try {
            const data = await this.orm.call(
                "mail.mailbox.message",
                this.calendarButton.method,
                [[messageId], invitation.part]
            );
            this.props.onReplied?.(data);
        } finally {
            this.state.busy = false;
        }
    },
});
