import {MockServer, onRpc, patchWithCleanup} from "@web/../tests/web_test_helpers";
import {animationFrame} from "@odoo/hoot-mock";
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
    onRpc(model, method, ({args}) => (typeof reply === "function" ? reply(...args) : reply));
}

/** Have the server say over the bus that something changed; nothing of what. */
export async function news(type = "changed") {
    await startBusService();
    MockServer.env["bus.bus"]._sendone("broadcast", `mail_mailbox_archive/${type}`, {});
    await animationFrame();
}
