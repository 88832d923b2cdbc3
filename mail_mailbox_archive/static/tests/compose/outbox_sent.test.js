import {advanceTime, animationFrame, click, describe, expect, test} from "@odoo/hoot";
import {
    getService,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {answer} from "../mailbox_test_helpers.esm";
import {WebClient} from "@web/webclient/webclient";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");
defineMailModels();

async function showSent(undo) {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "mail_mailbox_archive.sent",
        params: {
            type: "success",
            message: "Sending…",
            outbox_id: 7,
            undo,
            next: {type: "ir.actions.act_window_close"},
        },
    });
    await animationFrame();
}

test("a mail can be taken back for a moment, then the outbox is woken", async () => {
    answer("mail.mailbox.outbox", "wake", () => expect.step("wake"));
    await showSent(10);
    expect(".o_notification").toHaveText("Sending…\nUndo");
    await advanceTime(9900);
    expect(".o_notification button:contains(Undo)").toHaveCount(1);
    expect.verifySteps([]);
    await advanceTime(200);
    await animationFrame();
    expect(".o_notification").toHaveCount(0);
    expect.verifySteps(["wake"]);
});

test("taken back, it is opened as a draft and wakes nobody", async () => {
    answer("mail.mailbox.outbox", "wake", () => expect.step("wake"));
    answer("mail.mailbox.outbox", "action_edit", (ids) => {
        expect.step(`edit ${ids}`);
        return {type: "ir.actions.act_window", res_id: 9};
    });
    await showSent(10);
    patchWithCleanup(getService("mailbox_compose"), {
        resume: (id) => expect.step(`resume ${id}`),
    });
    await click(".o_notification button:contains(Undo)");
    await animationFrame();
    await advanceTime(20000);
    expect(".o_notification").toHaveCount(0);
    expect.verifySteps(["edit 7", "resume 9"]);
});

test("without a moment to undo there is nothing to press", async () => {
    await showSent(0);
    expect(".o_notification").toHaveText("Sending…");
    expect(".o_notification button:contains(Undo)").toHaveCount(0);
});
