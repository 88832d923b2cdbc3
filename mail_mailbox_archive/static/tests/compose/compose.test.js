import {animationFrame, click, describe, expect, test} from "@odoo/hoot";
import {answer, useMail} from "../mailbox_test_helpers.esm";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeMockEnv,
    mockService,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {WebClient} from "@web/webclient/webclient";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

class Draft extends models.Model {
    _name = "test.draft";
    subject = fields.Char();
    _records = [{id: 1, subject: "Re: Offer"}];
    _views = {
        form: /* xml */ `
            <form js_class="mailbox_compose_form">
                <field name="subject"/>
                <footer>
                    <button special="save" string="Keep as draft" class="keep"/>
                </footer>
            </form>`,
    };
}

describe.current.tags("desktop");
defineMailModels();
defineModels([Draft]);

test("the form is opened on what the server prepared", async () => {
    useMail();
    mockService("action", {
        doAction: (action, {onClose}) => expect.step([action, typeof onClose]),
    });
    answer("mail.mailbox.message", "action_compose", (...args) => args);
    answer("mail.mailbox.draft", "action_new", (...args) => args);
    await makeMockEnv();
    const compose = getService("mailbox_compose");
    await compose.answer(7, "reply", {mailboxId: 5, onClose: () => {}});
    await compose.write({resModel: "res.partner", resId: 3});
    expect.verifySteps([
        [[[7], "reply", 5], "function"],
        [["res.partner", 3], "undefined"],
    ]);
});

async function openDraft(fresh = true) {
    answer("test.draft", "action_discard", ([id]) => {
        expect.step(`discard ${id}`);
        return true;
    });
    onRpc("test.draft", "web_save", ({args}) => expect.step(args[1].subject));
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "test.draft",
        res_id: 1,
        views: [[false, "form"]],
        target: "new",
        context: {mailbox_fresh_draft: fresh},
    });
    await animationFrame();
}

test("what nobody wrote on is thrown away", async () => {
    await openDraft();
    await contains(".modal .btn-close").click();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps(["discard 1"]);
});

test("what was written is kept", async () => {
    await openDraft();
    await contains(".modal [name=subject] input").edit("Half an idea");
    await contains(".modal .btn-close").click();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps(["Half an idea"]);
});

test("an old draft stays", async () => {
    await openDraft(false);
    await contains(".modal .btn-close").click();
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([]);
});

test("what is kept by its button stays", async () => {
    await openDraft();
    await click(".modal footer button:contains(Keep as draft)");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps([]);
});
