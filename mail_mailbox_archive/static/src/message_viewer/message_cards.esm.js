import {Component} from "@odoo/owl";
import {useService} from "@web/core/utils/hooks";

/** What other add-ons show above the text of an email; a title opens its record. */
export class MessageCards extends Component {
    static template = "mail_mailbox_archive.MessageCards";
    static props = {
        /** Of get_view_data. */
        cards: {type: Array, optional: true},
    };

    setup() {
        this.action = useService("action");
    }

    open(card) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: card.res_model,
            res_id: card.res_id,
            views: [[false, "form"]],
        });
    }
}
