import {Component, onWillDestroy, onWillStart, status, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
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
        onWillDestroy(() => {
            this.bus.unsubscribe("mail_mailbox_archive/changed", onChanged);
            browser.clearTimeout(this.timer);
        });
    }

    async load() {
        this.timer = null;
        if (status(this) === "destroyed") {
            return;
        }
        const imports = await this.orm.silent.call(
            "mail.mailbox",
            "get_import_progress",
            []
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
