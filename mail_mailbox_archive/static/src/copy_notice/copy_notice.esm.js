import {Component} from "@odoo/owl";
import {session} from "@web/session";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

/** Why nothing comes: above the Queue of a copied database, until it is confirmed. */
export class CopyNotice extends Component {
    static template = "mail_mailbox_archive.CopyNotice";
    static props = {};

    setup() {
        this.action = useService("action");
        this.isShown = Boolean(session.mailbox?.is_copy);
        this.mayConfirm = user.isSystem;
    }

    openSettings() {
        return this.action.doAction("mail_mailbox_archive.res_config_settings_action");
    }
}
