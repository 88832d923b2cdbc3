import {animationFrame, mockDate} from "@odoo/hoot-mock";
import {advanceTime, describe, expect, test} from "@odoo/hoot";
import {answer, news, useMail} from "../mailbox_test_helpers.esm";
import {
    asyncStep,
    getService,
    makeMockEnv,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

describe.current.tags("headless");
defineMailModels();

const MINUTE = 60 * 1000;

async function startBadge(badge) {
    useMail(badge);
    answer("mail.mailbox", "get_badge", () => {
        asyncStep("asked");
        return {unread: 7, ages: [0]};
    });
    await makeMockEnv();
    return getService("mailbox_badge").state;
}

test("the values come with the page, without a request", async () => {
    const state = await startBadge({unread: 3, ages: [0, 120]});
    expect(state).toMatchObject({enabled: true, unread: 3, fresh: 2});
    expect.verifySteps([]);
});

test("the blue circle decays by the clock, without a request", async () => {
    const state = await startBadge({unread: 3, ages: [0, 120, 290]});
    expect(state.fresh).toBe(3);
    await advanceTime(11 * 1000);
    expect(state.fresh).toBe(2);
    await advanceTime(3 * MINUTE);
    expect(state.fresh).toBe(1);
    await advanceTime(2 * MINUTE);
    expect(state).toMatchObject({unread: 3, fresh: 0});
    expect.verifySteps([]);
});

test("the blue circle is dark after the machine slept", async () => {
    mockDate("2026-11-21 10:00:00");
    const state = await startBadge({unread: 0, ages: [0, 1]});
    mockDate("2026-11-21 10:30:00");
    expect(state.fresh).toBe(2);
    window.dispatchEvent(new Event("focus"));
    expect(state.fresh).toBe(0);
});

test("news from the server brings new values, asked for once", async () => {
    const state = await startBadge({unread: 3, ages: []});
    await news("changed", 2);
    await advanceTime(2000);
    await waitForSteps(["asked"]);
    await animationFrame();
    expect(state).toMatchObject({unread: 7, fresh: 1, version: 2});
});

test("whoever lost the mail has no circles any more", async () => {
    useMail({unread: 3, ages: [0]});
    answer("mail.mailbox", "get_badge", false);
    await makeMockEnv();
    const {state, refresh} = getService("mailbox_badge");
    await refresh();
    expect(state).toMatchObject({enabled: false, unread: 0, fresh: 0});
});

test("people without mail ask for nothing", async () => {
    useMail(false);
    answer("mail.mailbox", "get_badge", () => expect.step("asked"));
    await makeMockEnv();
    expect(getService("mailbox_badge").state.enabled).toBe(false);
    await news();
    await advanceTime(2000);
    expect.verifySteps([]);
});
