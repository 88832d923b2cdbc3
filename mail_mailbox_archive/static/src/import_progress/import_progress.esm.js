import {
    Component,
    onWillDestroy,
    onWillStart,
    onWillUpdateProps,
    status,
    useState,
} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** Milliseconds between two looks. */
const PAUSE = 2000;

/** How far the imports of one's mailboxes are, above the Queue while they go on. */
export class ImportProgress extends Component {
    static template = "mail_mailbox_archive.ImportProgress";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.state = useState({imports: []});
        this.timer = null;
        const onChanged = () => {
            this.timer = this.timer || browser.setTimeout(() => this.load(), PAUSE);
        };
        this.bus.subscribe("mail_mailbox_archive/changed", onChanged);
        onWillStart(() => this.load());
        onWillUpdateProps((props) => this.load(props));
        onWillDestroy(() => {
            this.bus.unsubscribe("mail_mailbox_archive/changed", onChanged);
            browser.clearTimeout(this.timer);
        });
    }

    /** Which mailboxes it is about; none are all of one's own. */
    getIds() {
        return [];
    }

    async load(props = this.props) {
        this.timer = null;
        if (status(this) === "destroyed") {
            return;
        }
        const imports = await this.orm.silent.call(
            "mail.mailbox",
            "get_import_progress",
            this.getIds(props)
        );
        if (status(this) !== "destroyed") {
            this.state.imports = imports;
        }
    }

    async toggle({id, paused}) {
        const method = paused ? "action_resume_import" : "action_pause_import";
        await this.orm.call("mail.mailbox", method, [[id]]);
        await this.load();
    }
}

/** The same on the form of a mailbox. */
export class MailboxImportProgress extends ImportProgress {
    static props = {...standardWidgetProps};

    getIds({record}) {
        return [[record.resId || 0]];
    }
}

registry.category("view_widgets").add("mailbox_import_progress", {
    component: MailboxImportProgress,
});
