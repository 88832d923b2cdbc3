import {Component, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {user} from "@web/core/user";

const PANE = "mailbox_list_pane";
const COMPACT = "mailbox_list_compact";

/**
 * How one has the lists of emails, kept on the server for each person.
 *
 * @returns {{pane: String, compact: Boolean}} reactive; pane is beside, below or none
 */
export function useListLayout() {
    const {[PANE]: pane, [COMPACT]: compact} = user.settings || {};
    return useState({pane: pane || "beside", compact: Boolean(compact)});
}

/** The button beside the pager that changes it. */
export class ListLayoutMenu extends Component {
    static template = "mail_mailbox_archive.ListLayoutMenu";
    static components = {Dropdown, DropdownItem};
    static props = {layout: Object};

    get panes() {
        return [
            {name: "beside", label: _t("Beside the list"), icon: "fa-columns"},
            {name: "below", label: _t("Below the list"), icon: "fa-window-maximize"},
            {name: "none", label: _t("On a page of its own"), icon: "fa-list"},
        ];
    }

    choosePane(pane) {
        this.props.layout.pane = pane;
        return user.setUserSettings(PANE, pane);
    }

    toggleCompact() {
        const {layout} = this.props;
        layout.compact = !layout.compact;
        return user.setUserSettings(COMPACT, layout.compact);
    }
}
