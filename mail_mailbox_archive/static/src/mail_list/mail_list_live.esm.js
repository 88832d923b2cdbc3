import {onWillUnmount, useExternalListener} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {useService} from "@web/core/utils/hooks";

/** Milliseconds between two refreshes by news from the server. */
const PAUSE = 1000;
/** Milliseconds after which the ages of the lines are written anew. */
const MINUTE = 60000;

/**
 * Keep a list of mail up to date: news of a mailbox reload its page, where it stands.
 *
 * @param {Component} controller of a list view
 */
export function useMailListLive(controller) {
    const bus = useService("bus_service");
    let waiting = false;
    let timer = null;
    const refresh = async () => {
        timer = null;
        if (document.hidden) {
            waiting = true;
            return;
        }
        await refreshList(controller);
    };
    const onChanged = () => {
        timer = timer || browser.setTimeout(refresh, PAUSE);
    };
    bus.subscribe("mail_mailbox_archive/changed", onChanged);
    useExternalListener(document, "visibilitychange", () => {
        if (waiting && !document.hidden) {
            waiting = false;
            onChanged();
        }
    });
    const clock = browser.setInterval(() => controller.render(true), MINUTE);
    onWillUnmount(() => {
        bus.unsubscribe("mail_mailbox_archive/changed", onChanged);
        browser.clearTimeout(timer);
        browser.clearInterval(clock);
    });
}

/**
 * Load the page again; selection and scroll position stay with their messages.
 *
 * @param {MailListController} controller
 * @param {number[]} done ids of lines with which something was done: no longer selected
 */
export async function refreshList({model, rootRef, state}, done = []) {
    const {root} = model;
    if (!model.isReady || root.isGrouped || root.editedRecord) {
        return model.isReady && root.isGrouped ? root.load() : undefined;
    }
    const {records} = root;
    const known = new Set(records.map((record) => record.resId));
    const place = notePlace(rootRef.el);
    await root.load();
    // one goes on selecting while the page is on its way, and that waits for the page
    await model.mutex.getUnlockedDef();
    const selected = new Set(
        records
            .filter((record) => record.selected && !done.includes(record.resId))
            .map((record) => record.resId)
    );
    for (const record of root.records) {
        if (selected.has(record.resId)) {
            record.toggleSelection(true);
        }
    }
    state.fresh = root.records
        .map((record) => record.resId)
        .filter((resId) => known.size && !known.has(resId));
    if (place && root.records.length) {
        await untilDrawn(rootRef, root.records[0].resId);
        restorePlace(rootRef.el, place);
    }
}

/** Wait until a line stands on the screen, for a second at most. */
async function untilDrawn(rootRef, resId) {
    for (let frame = 0; frame < 60; frame++) {
        await new Promise((resolve) => browser.requestAnimationFrame(resolve));
        if (rootRef.el?.querySelector(`[data-mail-id="${resId}"]`)) {
            return;
        }
    }
}

/** Return the first line in sight and how far from the top it stands. */
function notePlace(root) {
    const list = root?.querySelector(".o_list_renderer");
    if (!list?.scrollTop) {
        return null;
    }
    const top = list.getBoundingClientRect().top;
    const line = [...list.querySelectorAll(".o_data_row")].find(
        (row) => row.getBoundingClientRect().bottom > top
    );
    const id = line?.querySelector("[data-mail-id]")?.dataset.mailId;
    return id && {id, offset: line.getBoundingClientRect().top - top};
}

function restorePlace(root, place) {
    const list = root?.querySelector(".o_list_renderer");
    const line = place && list?.querySelector(`[data-mail-id="${place.id}"]`);
    if (line) {
        const row = line.closest(".o_data_row").getBoundingClientRect();
        list.scrollTop += row.top - list.getBoundingClientRect().top - place.offset;
    }
}
