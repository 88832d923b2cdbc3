import {
    Deferred,
    advanceTime,
    animationFrame,
    click,
    describe,
    expect,
    setInputFiles,
    test,
} from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {Component, xml} from "@odoo/owl";
import {WebClient} from "@web/webclient/webclient";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {registry} from "@web/core/registry";

const DRAFT = "mail.mailbox.draft";

class Draft extends models.Model {
    _name = DRAFT;
    subject = fields.Char();
    mode = fields.Char();
    place = fields.Char({required: true, default: "Office"});
    body = fields.Html();
    signature = fields.Html({readonly: true});
    attachment_ids = fields.Many2many({relation: "ir.attachment"});
    size_limit = fields.Integer();
    _records = [{id: 1, subject: "Re: Offer", mode: "reply", place: "Office"}];
    _views = {
        form: /* xml */ `
            <form js_class="mailbox_compose_form">
                <widget name="mailbox_compose_writing"/>
                <field name="subject"/>
                <field name="place"/>
                <field name="attachment_ids" widget="mailbox_files"/>
                <widget name="mailbox_test_fragile"/>
                <footer>
                    <button name="action_send" type="object" string="Send" data-hotkey="q"/>
                    <button special="save" string="Keep as draft" data-hotkey="s"/>
                    <button name="action_discard" type="object" string="Discard"/>
                </footer>
            </form>`,
        list: /* xml */ `<list js_class="mailbox_draft_list"><field name="subject"/></list>`,
    };
}

class Fragile extends Component {
    static template = xml`<i t-esc="value"/>`;
    static props = ["*"];

    get value() {
        if (this.props.record.data.subject === "Broken") {
            throw new Error("It is broken");
        }
        return "";
    }
}

registry.category("view_widgets").add("mailbox_test_fragile", {component: Fragile});
describe.current.tags("desktop");
defineMailModels();
defineModels([Draft]);

/** Have the server do what the form asks it, and tell it. */
function serve(doubts = []) {
    onRpc(DRAFT, "begin", ({kwargs}) => {
        expect.step(`begin ${kwargs.mode}`);
        return [
            {
                id: 1,
                subject: "Re: Offer",
                mode: "reply",
                place: "Office",
                attachment_ids: [],
                size_limit: 0,
                body: "<p>Hello</p>",
                signature: "",
            },
        ];
    });
    onRpc(DRAFT, "note_writing", () => false);
    onRpc(DRAFT, "stop_writing", () => true);
    onRpc(DRAFT, "get_progress", () => "fresh");
    onRpc(DRAFT, "action_discard", ({args}) => {
        expect.step(`discard ${args[0]}`);
        return true;
    });
    onRpc(DRAFT, "web_read", () => expect.step("read"));
    onRpc(DRAFT, "web_save", ({args}) => expect.step(args[1].subject));
    onRpc(DRAFT, "find_doubts", () => doubts);
    onRpc(DRAFT, "action_send", () => {
        expect.step("send");
        return {type: "ir.actions.act_window_close"};
    });
}

async function openForm(doubts) {
    serve(doubts);
    await mountWithCleanup(WebClient);
    await getService("mailbox_compose").answer(7, "reply");
    await animationFrame();
    expect(".modal-title").toHaveText("Re: Offer");
    expect.verifySteps(["begin reply"]);
}

async function close() {
    await contains(".modal .btn-close").click();
    await animationFrame();
    expect(".modal").toHaveCount(0);
}

const press = (label) => click(`.modal:last footer button:contains(${label})`);

test("what nobody wrote on is thrown away, by any way to close it", async () => {
    await openForm();
    await close();
    expect.verifySteps(["discard 1"]);
    await getService("mailbox_compose").answer(7, "reply");
    await animationFrame();
    await press("Discard");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps(["begin reply", "discard 1"]);
});

test("what was written is kept, in a pause and at the end", async () => {
    await openForm();
    await contains(".modal [name=subject] input").edit("Half an idea");
    expect.verifySteps([]);
    await advanceTime(3000);
    await animationFrame();
    expect.verifySteps(["Half an idea"]);
    await contains(".modal [name=subject] input").edit("An idea");
    await close();
    expect.verifySteps(["An idea"]);
    expect(".o_notification").toHaveText("Kept in Drafts.");
    await advanceTime(5000);
    expect.verifySteps([]);
});

test("what was written is discarded after a question only", async () => {
    await openForm();
    await contains(".modal [name=subject] input").edit("Half an idea");
    await press("Discard");
    await animationFrame();
    await press("Go on writing");
    await animationFrame();
    expect(".modal [name=subject] input").toHaveValue("Half an idea");
    expect.verifySteps([]);
    await press("Discard");
    await animationFrame();
    await press("Discard");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps(["discard 1"]);
});

test("what may be forgotten is asked once", async () => {
    await openForm(["This email has no text."]);
    await press("Send");
    await animationFrame();
    expect(".modal:last .modal-body").toHaveText("This email has no text.");
    await press("Go on writing");
    await animationFrame();
    expect.verifySteps([]);
    await press("Send");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    expect.verifySteps(["send"]);
});

test("an old draft is opened from the list, and stays", async () => {
    serve();
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: DRAFT,
        views: [[false, "list"]],
    });
    await contains(".o_data_row .o_data_cell").click();
    await animationFrame();
    expect(".modal [name=subject] input").toHaveValue("Re: Offer");
    expect.verifySteps(["read"]);
    await close();
    expect.verifySteps([]);
});

const fold = (title) =>
    contains(`.modal:contains(${title}) .o-mailbox-ComposeWindow-fold`).click();

test("one reads on beside an email, which is folded and restored", async () => {
    await openForm();
    expect(document.body).not.toHaveClass("modal-open");
    await contains(".modal [name=subject] input").edit("Half an idea");
    await animationFrame();
    await fold("Half an idea");
    expect(".modal-body").not.toBeVisible();
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: DRAFT,
        views: [[false, "list"]],
    });
    await animationFrame();
    await fold("Half an idea");
    expect(".modal [name=subject] input").toHaveValue("Half an idea");
    await close();
    expect.verifySteps(["Half an idea"]);
});

test("a draft that is open is not opened twice", async () => {
    await openForm();
    await fold("Re: Offer");
    await getService("mailbox_compose").resume(1);
    await animationFrame();
    expect(".modal").toHaveCount(1);
    expect(".modal-body").toBeVisible();
    expect.verifySteps(["read"]);
});

test("what cannot be opened is said, and the others stay", async () => {
    expect.errors(1);
    await openForm();
    onRpc(DRAFT, "begin", () => {
        throw makeServerError({message: "No mailbox"});
    });
    getService("mailbox_compose").write();
    await animationFrame();
    await animationFrame();
    expect.verifyErrors(["RPC_ERROR"]);
    expect(".o-mailbox-ComposeWindow").toHaveCount(1);
});

test("a window that fails is not gone without a word", async () => {
    expect.errors(1);
    await openForm();
    await contains(".modal [name=subject] input").edit("Broken");
    await animationFrame();
    await animationFrame();
    expect.verifyErrors([/./]);
    expect(".o-mailbox-ComposeWindow").toHaveCount(0);
    expect(".o_notification.border-danger, .o_notification").toHaveText(/drafts/);
});

test("a draft in other hands is shown as it is, and asked about no more", async () => {
    await openForm();
    onRpc(DRAFT, "note_writing", () => {
        expect.step("sign of life");
        throw makeServerError({type: "AccessError", message: "In review"});
    });
    await advanceTime(60_000);
    await animationFrame();
    expect.verifySteps(["sign of life", "read"]);
    await advanceTime(180_000);
    expect.verifySteps([]);
    await close();
    expect.verifySteps(["discard 1"]);
});

test("what the server opens is a window; a fresh one goes again", async () => {
    serve();
    await mountWithCleanup(WebClient);
    for (const fresh of [true, false]) {
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "mail_mailbox_archive.compose",
            params: {res_id: 1, mode: "reply", is_fresh: fresh},
        });
        await animationFrame();
        expect(".o_dialog").toHaveCount(0);
        expect(".o-mailbox-ComposeWindow .modal-title").toHaveText("Re: Offer");
        expect.verifySteps(["read"]);
        await close();
        expect.verifySteps(fresh ? ["discard 1"] : []);
    }
});

test("what cannot be kept stays open, and is not said to be kept", async () => {
    await openForm();
    await contains(".modal [name=subject] input").edit("Half an idea");
    await contains(".modal [name=place] input").edit("");
    await contains(".modal .btn-close").click();
    await animationFrame();
    expect(".modal").toHaveCount(1);
    expect(".o_notification:contains(Kept)").toHaveCount(0);
    expect.verifySteps([]);
    await contains(".modal [name=place] input").edit("Office");
    await close();
    expect.verifySteps(["Half an idea"]);
});

/** Have another window write draft 1; what is saved over it becomes draft 2. */
function branch(saving) {
    const own = {id: 2, mode: "reply", attachment_ids: [], size_limit: 0};
    onRpc(DRAFT, "web_save", async ({args, kwargs}) => {
        const [[id], {subject = "", place = ""}] = args;
        const {mailbox_seen: seen, mailbox_revision: revision} = kwargs.context;
        expect(seen).toInclude(revision);
        if (id === 1 && kwargs.context.mailbox_asks) {
            return [];
        }
        expect.step(`save ${id} ${subject} ${place}`.trim());
        await saving;
        Object.assign(own, args[1]);
        own.attachment_ids = [];
        return [own];
    });
    onRpc(DRAFT, "web_read", ({args}) => {
        expect.step(`read ${args[0]}`);
        return [own];
    });
}

test("what another window wrote is not written over", async () => {
    await openForm();
    const saving = new Deferred();
    branch(saving);
    await contains(".modal [name=subject] input").edit("Here");
    await advanceTime(3000);
    // all that the window shows, also what did not change in it
    expect.verifySteps(["save 1 Here Office"]);
    await contains(".modal [name=subject] input").edit("Here as well");
    saving.resolve();
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["save 2 Here as well", "read 2"]);
    expect(".o_notification").toHaveText(/changed in another window/);
    expect(".modal [name=subject] input").toHaveValue("Here as well");
    expect(".modal [name=place] input").toHaveValue("Office");
});

test("what became a draft of its own is not sent before one has seen it", async () => {
    await openForm();
    branch();
    await contains(".modal [name=subject] input").edit("Here");
    await press("Send");
    await animationFrame();
    await animationFrame();
    expect(".modal").toHaveCount(1);
    expect(".o_notification").toHaveText(/changed in another window/);
    expect.verifySteps(["save 1 Here Office", "read 2"]);
    await press("Send");
    await animationFrame();
    expect.verifySteps(["send"]);
});

test("what became a draft of its own is kept, and closed", async () => {
    await openForm();
    branch();
    onRpc(DRAFT, "get_progress", ({args}) => {
        expect.step(`progress ${args[0]}`);
        return "written";
    });
    await contains(".modal [name=subject] input").edit("Here");
    await close();
    await animationFrame();
    expect.verifySteps(["save 1 Here Office", "read 2", "progress 2"]);
    expect(".o_notification:contains(Kept in Drafts.)").toHaveCount(1);
});

test("the editor stays where one writes, also in a draft of its own", async () => {
    Draft._views.form = Draft._views.form.replace(
        '<widget name="mailbox_test_fragile"/>',
        '<field name="body" widget="mailbox_compose_body"/>'
    );
    await openForm();
    const editor = document.querySelector(".modal .odoo-editor-editable");
    expect(editor).toHaveText("Hello");
    branch();
    await contains(".modal [name=subject] input").edit("Here");
    await advanceTime(3000);
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["save 1 Here Office", "read 2"]);
    expect(document.querySelector(".modal .odoo-editor-editable")).toBe(editor);
});

test("a window can be closed whatever became of its draft", async () => {
    await openForm();
    for (const progress of ["gone", "offline"]) {
        onRpc(DRAFT, "get_progress", () => {
            if (progress === "gone") {
                return progress;
            }
            throw makeServerError({message: "Offline"});
        });
        await close();
        expect(".o_notification").toHaveCount(0);
        await getService("mailbox_compose").answer(7, "reply");
        await animationFrame();
        expect.verifySteps(["begin reply"]);
    }
});

test("what was written elsewhere is neither thrown away nor said to be kept", async () => {
    await openForm();
    onRpc(DRAFT, "get_progress", () => "written");
    await press("Discard");
    await animationFrame();
    await press("Go on writing");
    await animationFrame();
    await close();
    expect(".o_notification").toHaveText("Kept in Drafts.");
    await getService("mailbox_compose").answer(7, "reply");
    await animationFrame();
    onRpc(DRAFT, "get_progress", () => "sent");
    await contains(".o_notification_close").click();
    await close();
    expect(".o_notification").toHaveText("This email has already been sent.");
    expect.verifySteps(["begin reply"]);
});

test("a window that stands there is read again when it is opened", async () => {
    await openForm();
    await fold("Re: Offer");
    onRpc(DRAFT, "web_read", () => [
        {id: 1, subject: "Better", mode: "reply", place: "Office", attachment_ids: []},
    ]);
    await getService("mailbox_compose").resume(1);
    await animationFrame();
    await animationFrame();
    expect(".modal [name=subject] input").toHaveValue("Better");
});

test("the form waits for a file on its way", async () => {
    await openForm();
    const uploaded = new Deferred();
    onRpc("/web/binary/upload_attachment", async () => {
        expect.step("upload");
        await uploaded;
        return new Response(JSON.stringify([{error: "Too large"}]));
    });
    await contains(".modal .o_attach").click();
    await setInputFiles([new File(["hello"], "offer.txt", {type: "text/plain"})]);
    await animationFrame();
    expect(".o-mailbox-Files-uploading").toHaveText("Uploading…");
    await press("Send");
    await animationFrame();
    expect(".modal").toHaveCount(1);
    expect.verifySteps(["upload"]);
    uploaded.resolve();
    await animationFrame();
    await animationFrame();
    // what could not be attached is said, and the email stays
    expect(".o-mailbox-Files-uploading").toHaveCount(0);
    expect(".modal").toHaveCount(1);
    expect.verifySteps([]);
    await press("Send");
    await animationFrame();
    expect.verifySteps(["send"]);
});

test("cells are pasted as text where one types, files are attached", async () => {
    await openForm();
    const image = new File(["x"], "image.png", {type: "image/png"});
    const input = document.querySelector(".modal [name=subject] input");
    for (const [types, left] of [
        [{"text/plain": "1\t2", "text/html": "<table></table>"}, true],
        [{"text/html": "<img/>"}, false],
    ]) {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(image);
        for (const [type, text] of Object.entries(types)) {
            clipboardData.setData(type, text);
        }
        onRpc("/web/binary/upload_attachment", () => {
            expect.step("upload");
            return new Response(JSON.stringify([{error: "Too large"}]));
        });
        const paste = new ClipboardEvent("paste", {
            clipboardData,
            bubbles: true,
            cancelable: true,
        });
        expect(input.dispatchEvent(paste)).toBe(left);
        await animationFrame();
        expect.verifySteps(left ? [] : ["upload"]);
    }
});
