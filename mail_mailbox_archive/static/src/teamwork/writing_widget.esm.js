import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";
import {RPCError} from "@web/core/network/rpc";
import {Writers} from "./writers.esm";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";
import {useTeamNews} from "./team_live.esm";

/** Milliseconds between two signs of life, less than half of what the server waits. */
const BEAT = 60_000;
/** Milliseconds after which whoever touches nothing is not writing any more. */
const AWAY = 5 * BEAT;

/**
 * Has the others know that an answer is open, and shows which of them write one, too.
 */
export class WritingWidget extends Component {
    static template = "mail_mailbox_archive.WritingWidget";
    static components = {Writers};
    static props = {...standardWidgetProps};

    setup() {
        this.team = useService("mailbox_team");
        this.presence = useService("presence");
        this.notification = useService("notification");
        this.line = null;
        this.state = useState({others: []});
        useTeamNews(
            this,
            (id) => id === this.line?.mailbox_id,
            () => this.load()
        );
        onMounted(() => {
            this.beat();
            this.timer = browser.setInterval(() => this.beat(), BEAT);
        });
        onWillUnmount(() => {
            browser.clearInterval(this.timer);
            if (this.isAnswer) {
                this.team.stopWriting(this.props.record.resId);
            }
        });
    }

    get isAnswer() {
        const {resId, data} = this.props.record;
        const mine = data.in_my_hands !== false;
        return Boolean(resId && mine && data.mode?.startsWith("reply"));
    }

    async beat() {
        if (!this.isAnswer || this.presence.getInactivityPeriod() > AWAY) {
            return;
        }
        try {
            await this.noteWriting();
        } catch (error) {
            // without the server the next time will do
            if (error instanceof RPCError) {
                await this.stop();
            }
        }
    }

    async noteWriting() {
        const {resId} = this.props.record;
        const known = this.line;
        this.line = await this.team.noteWriting(resId, this.env.model.mailboxId);
        if (this.line && !known) {
            await this.load();
        }
    }

    /** The draft is gone or in other hands: show it as it is now, and ask no more. */
    async stop() {
        browser.clearInterval(this.timer);
        try {
            await this.env.model.load();
        } catch {
            const message = _t("This draft no longer exists, or is not yours.");
            this.notification.add(message, {type: "warning"});
        }
    }

    async load() {
        if (this.line) {
            const [row] = await this.team.read([this.line.arrival_id]);
            this.state.others = row?.team.writing || [];
        }
    }
}

registry.category("view_widgets").add("mailbox_compose_writing", {
    component: WritingWidget,
    fieldDependencies: [{name: "mode", type: "selection"}],
});
