import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** Whom to ask to look at a draft, and what to say with it. */
export class ReviewDialog extends Component {
    static template = "mail_mailbox_archive.ReviewDialog";
    static components = {Dialog};
    static props = {people: Array, ask: Function, close: Function};

    setup() {
        this.title = _t("Ask for a review");
        this.state = useState({personId: "", note: ""});
    }

    async ask() {
        await this.props.ask(Number(this.state.personId), this.state.note);
        this.props.close();
    }
}

/** Hands a draft to a colleague; until it comes back it is in that person's hands. */
export class ReviewWidget extends Component {
    static template = "mail_mailbox_archive.Review";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
    }

    async open() {
        const {record} = this.props;
        if (!(await record.model.waitForUploads()) || !(await record.save())) {
            return;
        }
        const {resModel, resId} = record;
        const people = await this.orm.call(resModel, "get_review_people", [[resId]]);
        if (!people.length) {
            const message = _t("Nobody else may read the mailbox and the email.");
            this.notification.add(message, {type: "warning"});
            return;
        }
        const ask = async (personId, note) => {
            await this.orm.call(resModel, "action_hand_over", [
                [resId],
                personId,
                note,
            ]);
            await this.env.model.load();
        };
        this.dialog.add(ReviewDialog, {people, ask});
    }
}

registry.category("view_widgets").add("mailbox_compose_review", {
    component: ReviewWidget,
});
