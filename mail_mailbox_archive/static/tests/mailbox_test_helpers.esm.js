import {Deferred, animationFrame} from "@odoo/hoot-mock";
import {
    MockServer,
    getService,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {session} from "@web/session";
import {startBusService} from "@bus/../tests/bus_test_helpers";

/**
 * Log in as somebody with mail, or without.
 *
 * @param {{unread: Number, ages: Number[]}|false} badge what the circles show
 * @param {String[]} [models] those whose records hold archived mail
 */
export function useMail(badge = {unread: 0, ages: []}, models = []) {
    patchWithCleanup(session, {mailbox: badge ? {badge, models} : undefined});
}

/** Answer the calls of one method of the server. */
export function answer(model, method, reply) {
    onRpc(model, method, ({args}) =>
        typeof reply === "function" ? reply(...args) : reply
    );
}

/** Have the server say over the bus that something changed; nothing of what. */
export async function news(type = "changed", times = 1) {
    await startBusService();
    const bus = getService("bus_service");
    const told = new Deferred();
    const tell = () => told.resolve();
    bus.subscribe(`mail_mailbox_archive/${type}`, tell);
    for (let time = 0; time < times; time++) {
        MockServer.env["bus.bus"]._sendone(
            "broadcast",
            `mail_mailbox_archive/${type}`,
            {}
        );
    }
    await told;
    bus.unsubscribe(`mail_mailbox_archive/${type}`, tell);
    await animationFrame();
}
