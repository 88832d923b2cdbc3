import {Component} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";

/** Lists the keys of the mail lists. */
export class KeysDialog extends Component {
    static template = "mail_mailbox_archive.KeysDialog";
    static components = {Dialog};
    static props = {close: Function};

    get title() {
        return _t("Keyboard");
    }

    get keys() {
        return [
            {keys: ["j", "↓"], what: _t("Next email")},
            {keys: ["k", "↑"], what: _t("Previous email")},
            {keys: ["Enter"], what: _t("Open the email on a page of its own")},
            {keys: ["x"], what: _t("Select the email")},
            {keys: ["a"], what: _t("Archive the selected emails, or the open one")},
            {keys: ["r"], what: _t("Reply to the open email")},
            {keys: ["R"], what: _t("Reply to all")},
            {keys: ["f"], what: _t("Forward the open email")},
            {keys: ["w"], what: _t("Go to the email that you are writing")},
            {keys: ["t"], what: _t("Take the selected emails, or the open one")},
            {keys: ["e"], what: _t("Mark them as done")},
            {keys: ["s"], what: _t("Put them off until later")},
            {keys: ["u"], what: _t("Undo what was just done, or mark as unread")},
            {keys: ["c"], what: _t("One line per conversation, or per email")},
            {keys: ["/"], what: _t("Search")},
            {
                keys: ["→", "←"],
                what: _t("Next or previous email, on an email's own page"),
            },
            {keys: ["Esc"], what: _t("Back to the list, from an email's own page")},
            {keys: ["?"], what: _t("This help")},
        ];
    }
}
