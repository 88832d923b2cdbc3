import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";

/** The records a message is attached to; each opens. */
export class RecordChips extends Component {
    static template = "mail_mailbox_archive.RecordChips";
    static props = {records: {type: [Array, Boolean, {value: null}], optional: true}};

    setup() {
        this.action = useService("action");
    }

    automatic(record) {
        const {automatic, name} = record;
        if (automatic === "rule") {
            return _t("%s: archived automatically by a filing rule", name);
        }
        return automatic === "address"
            ? _t("%s: archived automatically, it was sent to its address", name)
            : _t("%s: archived automatically, this conversation is followed", name);
    }

    open(record) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: record.res_model,
            res_id: record.res_id,
            views: [[false, "form"]],
        });
    }
}
