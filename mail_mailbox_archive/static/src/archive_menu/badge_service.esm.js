import {ConnectionLostError} from "@web/core/network/rpc";
import {browser} from "@web/core/browser/browser";
import {reactive} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {session} from "@web/session";

/** Milliseconds that a message counts as new; the server says how old each is already. */
export const NEW_FOR = 5 * 60 * 1000;
/** Milliseconds over which browsers spread their requests after common news. */
const SPREAD = 700;
/** Milliseconds after which the clock is looked at again, should the machine have slept. */
const LOOK = 60 * 1000;

/**
 * The values of the two circles: they come with the page, change when the server says
 * there is news, and the blue one decays by the clock of this browser.
 *
 * state.unread - messages unread on the server, at most 100
 * state.fresh - messages of the last five minutes, at most 100
 * state.own - open conversations that one has, at most 100
 * state.version - grows with every answer of the server
 */
export const badgeService = {
    dependencies: ["orm", "bus_service"],
    start(env, {orm, bus_service: bus}) {
        const state = reactive({
            enabled: false,
            unread: 0,
            fresh: 0,
            own: 0,
            version: 0,
        });
        let ends = [];
        let timer = null;
        let pending = null;

        function tick() {
            browser.clearTimeout(timer);
            const now = Date.now();
            ends = ends.filter((end) => end > now);
            state.fresh = ends.length;
            if (ends.length) {
                timer = browser.setTimeout(tick, Math.min(LOOK, ends.at(-1) - now));
            }
        }

        function show(badge) {
            const now = Date.now();
            const {unread = 0, ages = [], own = 0} = badge || {};
            ends = ages.map((seconds) => now + NEW_FOR - seconds * 1000);
            state.enabled = Boolean(badge);
            Object.assign(state, {unread, own});
            state.version++;
            tick();
        }

        async function refresh() {
            pending = null;
            try {
                show(await orm.silent.call("mail.mailbox", "get_badge", []));
            } catch (error) {
                // told by Odoo already; the next news brings the values
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
            }
        }

        function onNews() {
            pending =
                pending || browser.setTimeout(refresh, 100 + Math.random() * SPREAD);
        }

        show(session.mailbox?.badge);
        if (state.enabled) {
            bus.subscribe("mail_mailbox_archive/changed", onNews);
            // without a mailbox: the number of one's own may be another
            bus.subscribe(
                "mail_mailbox_archive/worked",
                ({mailbox_id}) => mailbox_id || onNews()
            );
            browser.addEventListener("focus", tick);
        }
        return {state, refresh};
    },
};

registry.category("services").add("mailbox_badge", badgeService);
