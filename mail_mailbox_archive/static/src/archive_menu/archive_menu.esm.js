import {Component, onWillUnmount, useEffect, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {NewestMessage} from "./newest_message.esm";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useCommand} from "@web/core/commands/command_hook";
import {useDiscussSystray} from "@mail/utils/common/hooks";
import {useDropdownState} from "@web/core/dropdown/dropdown_hooks";
import {useService} from "@web/core/utils/hooks";

const QUEUE = "mail_mailbox_archive.mail_mailbox_arrival_action";
const OWN = "mail_mailbox_archive.mail_mailbox_arrival_own_action";
const SETUP = "mail_mailbox_archive.mail_mailbox_setup_wizard_action";
/** No circle shows more. */
const CAP = 99;
/** Milliseconds that the pointer rests on the envelope before the newest are listed. */
const REST = 400;

/** The mail of the top panel: two circles, and a drop-down with the newest messages. */
export class ArchiveMenu extends Component {
    static template = "mail_mailbox_archive.ArchiveMenu";
    static components = {Dropdown, DropdownItem, NewestMessage};
    static props = [];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.systray = useDiscussSystray();
        this.badge = useState(useService("mailbox_badge").state);
        this.dropdown = useDropdownState();
        this.state = useState({messages: null, hasMailbox: true, checking: false});
        useEffect(
            () => {
                if (this.dropdown.isOpen) {
                    this.load();
                }
            },
            () => [this.badge.version]
        );
        onWillUnmount(() => browser.clearTimeout(this.resting));
        useCommand(_t("Check for new emails"), () => this.check(), {
            category: "action",
            isAvailable: () => this.badge.enabled,
        });
    }

    get label() {
        const parts = [_t("Emails")];
        if (this.badge.unread) {
            parts.push(_t("%s unread on the server", this.cap(this.badge.unread)));
        }
        if (this.badge.fresh) {
            parts.push(
                _t("%s new in the last five minutes", this.cap(this.badge.fresh))
            );
        }
        if (this.badge.own) {
            parts.push(_t("%s open and owned by you", this.cap(this.badge.own)));
        }
        return parts.join(", ");
    }

    cap(number) {
        return number > CAP ? `${CAP}+` : String(number);
    }

    async load() {
        const newest = await this.orm.silent.call("mail.mailbox", "get_newest", []);
        Object.assign(this.state, {
            messages: newest.messages,
            hasMailbox: newest.has_mailbox,
        });
    }

    async check() {
        this.state.checking = true;
        try {
            const {params, ...action} = await this.orm.call(
                "mail.mailbox",
                "action_check_all",
                []
            );
            // without its reload: one may be in the middle of a form
            await this.action.doAction({
                ...action,
                params: {...params, next: undefined},
            });
        } finally {
            this.state.checking = false;
        }
    }

    onEnter(ev) {
        if (ev.pointerType === "mouse") {
            this.resting = browser.setTimeout(() => this.dropdown.open(), REST);
        }
    }

    onLeave() {
        browser.clearTimeout(this.resting);
    }

    openQueueOfBadge() {
        browser.clearTimeout(this.resting);
        return this.openQueue(...(this.badge.unread ? ["unread"] : []));
    }

    openQueue(...filters) {
        const names = filters.map((name) => [`search_default_${name}`, 1]);
        // what is counted is listed, also where it is done
        const all = filters.length
            ? {search_default_to_do: 0, search_default_not_blocked: 1}
            : {};
        return this.open(QUEUE, {
            additionalContext: {...all, ...Object.fromEntries(names)},
        });
    }

    openOwn() {
        return this.open(OWN);
    }

    openMessage(message) {
        return this.open(QUEUE, {viewType: "form", props: {resId: message.id}});
    }

    setUpMailbox() {
        return this.open(SETUP, {clearBreadcrumbs: false});
    }

    open(action, options = {}) {
        this.dropdown.close();
        return this.action.doAction(action, {clearBreadcrumbs: true, ...options});
    }
}

registry.category("systray").add(
    "mail_mailbox_archive.menu",
    {
        Component: ArchiveMenu,
        isDisplayed: (env) => env.services.mailbox_badge.state.enabled,
    },
    {sequence: 22}
);
