import {ListRenderer} from "@web/views/list/list_renderer";
import {MailEmptyState} from "./mail_empty_state.esm";

/** A list of mail: marks the line whose message is open, and those that just came. */
export class MailListRenderer extends ListRenderer {
    static components = {...ListRenderer.components, ActionHelper: MailEmptyState};
    static props = [...ListRenderer.props, "openId?", "freshIds?"];

    getRowClass(record) {
        const classes = [super.getRowClass(record), "o-mailbox-MailList-line"];
        if (record.resId === this.props.openId) {
            classes.push("o-mailbox-MailList-open");
        }
        if (this.props.freshIds?.includes(record.resId)) {
            classes.push("o-mailbox-MailList-fresh");
        }
        return classes.join(" ");
    }
}
