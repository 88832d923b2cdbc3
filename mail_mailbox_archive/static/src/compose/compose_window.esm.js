import {
    Component,
    onMounted,
    useChildSubEnv,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {View} from "@web/views/view";
import {_t} from "@web/core/l10n/translation";
import {getActiveHotkey} from "@web/core/hotkeys/hotkey_service";
import {useOwnDebugContext} from "@web/core/debug/debug_context";

/** The keys of an email's buttons, which are the focused window's alone. */
const KEYS = new Set(["alt+q", "alt+s", "alt+x"]);

/**
 * One email being written: its form, which can be folded, restored and closed.
 *
 * It has the parts of a dialog, whose place it takes, but stops nobody from reading on.
 */
export class ComposeWindow extends Component {
    static template = "mail_mailbox_archive.ComposeWindow";
    static components = {View};
    static props = {email: Object, close: Function, show: Function};

    setup() {
        this.email = useState(this.props.email);
        this.root = useRef("root");
        this.state = useState({framed: false});
        // the same ones at each drawing: others would have the form read again
        this.viewProps = this.makeViewProps();
        this.data = {isActive: true, close: () => this.props.close(this.email)};
        useOwnDebugContext();
        useChildSubEnv({
            inDialog: true,
            dialogId: this.id,
            dialogData: this.data,
            mailboxWindow: {
                close: this.data.close,
                opened: (focus, reload) => this.opened(focus, reload),
                entitle: (resId, title) => this.entitle(resId, title),
            },
        });
        // the frame stands before what is in it
        onMounted(() => {
            this.state.framed = true;
        });
        useEffect(
            (folded) => this.onFolded(folded),
            () => [this.email.folded, this.email.used]
        );
    }

    get id() {
        return `mailbox_compose_${this.props.email.id}`;
    }

    get foldLabel() {
        return this.email.folded ? _t("Restore") : _t("Minimize");
    }

    makeViewProps() {
        const {id, begun, resId, isFresh} = this.email;
        const asked = isFresh ? {mailbox_fresh_draft: true} : {};
        return {
            type: "form",
            resModel: "mail.mailbox.draft",
            resId: (!begun && resId) || false,
            views: [[false, "form"]],
            context: begun ? {mailbox_begun: id} : asked,
            display: {controlPanel: false},
        };
    }

    opened(focus, reload) {
        this.focus = focus;
        this.email.reload = reload;
        this.email.isOpen = true;
        this.email.opened.resolve();
        if (!this.email.folded) {
            focus();
        }
    }

    entitle(resId, title) {
        this.email.resId = resId;
        if (title) {
            this.email.title = title;
        }
    }

    onFolded(folded) {
        if (folded) {
            if (this.root.el.contains(document.activeElement)) {
                document.activeElement.blur();
            }
        } else if (!this.root.el.contains(document.activeElement)) {
            this.focus?.();
        }
    }

    toggle() {
        if (this.email.folded) {
            this.props.show(this.email);
        } else {
            this.email.folded = true;
        }
    }

    async dismiss() {
        await this.data.dismiss?.();
        this.data.close();
    }

    /** Odoo would press the first such button of the page, whoever's it is. */
    onAccessKey(ev) {
        const hotkey = getActiveHotkey(ev);
        if (!KEYS.has(hotkey)) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        if (!ev.repeat) {
            const buttons = this.root.el.querySelectorAll("[data-mailbox-key]");
            const named = [...buttons].filter(
                (button) => `alt+${button.dataset.mailboxKey}` === hotkey
            );
            named.find((button) => button.checkVisibility())?.click();
        }
    }

    onKeydown(ev) {
        if (ev.defaultPrevented) {
            return;
        }
        if (ev.key === "Escape") {
            this.dismiss();
        } else if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            const buttons = [...this.root.el.querySelectorAll(".modal-footer button")];
            buttons.find((button) => button.checkVisibility())?.click();
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }
}
