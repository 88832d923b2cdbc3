import {answer, useMail} from "../mailbox_test_helpers.esm";
import {
    contains,
    defineMailModels,
    openFormView,
    registerArchs,
    start,
    startServer,
} from "@mail/../tests/mail_test_helpers";
import {describe, expect, test} from "@odoo/hoot";

describe.current.tags("desktop");
defineMailModels();

const BUTTON = ".o-mail-Chatter-topbar .o-mailbox-AttachedChatterButton";

async function openPartner(models, count) {
    const pyEnv = await startServer();
    const partnerId = pyEnv["res.partner"].create({name: "Spostex"});
    useMail({unread: 0, ages: []}, models);
    answer("mail.mailbox.message", "count_attached", (model, id) => {
        expect.step(`count ${model} ${id === partnerId}`);
        return count;
    });
    registerArchs({"res.partner,false,form": "<form><sheet/><chatter/></form>"});
    await start();
    await openFormView("res.partner", partnerId);
}

test("beside the chatter stands the number of emails", async () => {
    await openPartner(["res.partner"], 3);
    await contains(`${BUTTON} sup`, {text: "3"});
    expect(BUTTON).toHaveAttribute("aria-label", "3 emails attached");
    expect.verifySteps(["count res.partner true"]);
});

test("a number too big is not counted to its end", async () => {
    await openPartner(["res.partner"], 1000);
    await contains(`${BUTTON} sup`, {text: "999+"});
    expect.verifySteps(["count res.partner true"]);
});

test("models that hold no emails have no button, and nothing is asked", async () => {
    await openPartner(["test.order"], 3);
    await contains(".o-mail-Chatter-topbar .o-mail-Followers");
    expect(BUTTON).toHaveCount(0);
    expect.verifySteps([]);
});
