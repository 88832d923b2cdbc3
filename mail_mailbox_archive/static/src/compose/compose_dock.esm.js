import {
    Component,
    onMounted,
    useEffect,
    useExternalListener,
    useState,
} from "@odoo/owl";
import {ComposeWindow} from "./compose_window.esm";
import {ErrorHandler} from "@web/core/utils/components";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {useService} from "@web/core/utils/hooks";

/** Pixels of a window that is open, with its gap; of the edges. */
const WIDTH = 648;
const EDGES = 96;

/** The emails being written, side by side at the lower edge of the screen. */
export class ComposeDock extends Component {
    static template = "mail_mailbox_archive.ComposeDock";
    static components = {ComposeWindow, ErrorHandler};
    static props = {dock: Object, close: Function, show: Function};

    setup() {
        this.dock = useState(this.props.dock);
        this.notification = useService("notification");
        useEffect(
            () => this.makeRoom(),
            () => [this.open.length, Math.max(0, ...this.open.map(({used}) => used))]
        );
        useExternalListener(window, "resize", () => this.makeRoom());
        onMounted(() => this.makeRoom());
    }

    get open() {
        return this.dock.windows.filter((one) => !one.folded);
    }

    /** Fold those that were not used for longest, as far as there is no room. */
    makeRoom() {
        const room = Math.max(1, Math.floor((browser.innerWidth - EDGES) / WIDTH));
        const open = this.open.sort((a, b) => b.used - a.used);
        open.slice(this.env.isSmall ? 1 : room).forEach((one) => {
            one.folded = true;
        });
    }

    /** What cannot be opened is closed, and said: the others stay. */
    fail(one, error) {
        const cause = error.cause || error;
        one.onClose = null;
        one.opened.reject(cause);
        this.props.close(one);
        if (one.isOpen) {
            // nobody waits for it any more
            const message = _t(
                "“%s” had to be closed because of an error. It is in the drafts.",
                one.title
            );
            this.notification.add(message, {type: "danger", sticky: true});
            Promise.reject(cause);
        }
    }
}
