import {Component, onWillStart, useState} from "@odoo/owl";
import {CopyButton} from "@web/core/copy_button/copy_button";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";

/** The addresses by which one archives to a record from any mail program. */
export class FilingAddressDialog extends Component {
    static template = "mail_mailbox_archive.FilingAddressDialog";
    static components = {CopyButton, Dialog};
    static props = {close: Function, resModel: String, resId: Number};

    setup() {
        this.orm = useService("orm");
        this.title = _t("Archive by email");
        this.copied = _t("Copied");
        this.state = useState({addresses: []});
        onWillStart(async () => {
            this.state.addresses = await this.orm.call(
                "mail.mailbox.message",
                "get_filing_addresses",
                [this.props.resModel, this.props.resId]
            );
        });
    }
}
