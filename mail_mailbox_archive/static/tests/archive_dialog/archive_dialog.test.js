import {animationFrame, click, describe, expect, runAllTimers, test} from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeMockEnv,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {WebClient} from "@web/webclient/webclient";
import {useMail} from "../mailbox_test_helpers.esm";

const HOSTILE = `<img src=x onerror="window.hacked = true">`;

class Line extends models.Model {
    _name = "test.line";
    res_model = fields.Char();
    res_id = fields.Integer();
}

class Dialog extends models.Model {
    _name = "test.dialog";
    suggestions = fields.Json();
    picked = fields.Integer();
    line_ids = fields.One2many({relation: "test.line"});
    _records = [
        {
            id: 1,
            picked: -1,
            suggestions: [
                suggestion(7, "Spostex S.A.", "appears in the subject"),
                suggestion(8, HOSTILE, HOSTILE),
            ],
        },
    ];
}

class Choice extends models.Model {
    _name = "test.choice";
    res_model = fields.Char();
    res_id = fields.Many2oneReference({
        model_field: "res_model",
        relation: "test.thing",
    });
    record_domain = fields.Char();
    new_record = fields.Json();
    _records = [
        {id: 1, res_model: "test.thing", new_record: {default_email: "a@x.example"}},
        {id: 2, res_model: "test.thing", new_record: false},
    ];
}

class Thing extends models.Model {
    _name = "test.thing";
    name = fields.Char();
    email = fields.Char();
    _views = {form: `<form><field name="name"/><field name="email"/></form>`};
}

function suggestion(res_id, name, reason) {
    return {model: "res.partner", res_id, name, reason, type: "Companies"};
}

const ARCH = /* xml */ `
    <form js_class="mailbox_archive_form">
        <field name="picked" invisible="1"/>
        <field name="suggestions" widget="mailbox_suggestions"/>
        <field name="line_ids">
            <list editable="bottom"><field name="res_model"/><field name="res_id"/></list>
        </field>
        <footer><button name="action_confirm" type="object" string="Confirm"/></footer>
    </form>`;

describe.current.tags("desktop");
defineMailModels();
defineModels([Line, Dialog, Choice, Thing]);

test("the dialog is opened on what it is asked for", async () => {
    useMail();
    mockService("action", {
        loadAction: (name) => ({name: name.split(".")[1]}),
        doAction: ({name}, {additionalContext}) =>
            expect.step([name, additionalContext]),
    });
    await makeMockEnv();
    const {open} = getService("mailbox_archive_dialog");
    await open({arrivalIds: [1, 2], mailboxId: 5});
    await open({
        messageIds: [3],
        attached: true,
        target: {resModel: "res.partner", resId: 9},
    });
    expect.verifySteps([
        [
            "mail_mailbox_archive_wizard_action",
            {
                active_model: "mail.mailbox.arrival",
                active_ids: [1, 2],
                default_mailbox_id: 5,
            },
        ],
        [
            "mail_mailbox_archive_wizard_action_more",
            {
                active_model: "mail.mailbox.message",
                active_ids: [3],
                mailbox_archive_target: ["res.partner", 9],
            },
        ],
    ]);
});

test("suggestions are chips with their evidence; a click takes one", async () => {
    Line._records = [{id: 4, res_model: "res.partner", res_id: 7}];
    Dialog._records[0].line_ids = [4];
    await mountView({type: "form", resModel: "test.dialog", resId: 1, arch: ARCH});
    expect(".o-mailbox-Suggestions-chip").toHaveCount(2);
    expect(".o-mailbox-Suggestions-chip:first").toHaveText(
        /Spostex S\.A\.[\s\S]*appears in the subject/
    );
    expect(".o-mailbox-Suggestions-chip:first").toHaveAttribute("aria-pressed", "true");
    expect(".o-mailbox-Suggestions-chip:last").toHaveAttribute("aria-pressed", "false");
    expect(".o-mailbox-Suggestions img").toHaveCount(0);
    expect(".o-mailbox-Suggestions-chip:last").toHaveText(/onerror/);
    expect(window.hacked).toBe(undefined);
    onRpc("test.dialog", "web_save", ({args}) => expect.step(args[1].picked));
    await click(".o-mailbox-Suggestions-chip:last");
    await animationFrame();
    await click(".o_form_button_save");
    await animationFrame();
    expect.verifySteps([1]);
});

async function openDialog(resId) {
    Line._records = [{id: 4, res_model: "res.partner", res_id: resId}];
    Dialog._records[0].line_ids = [4];
    Dialog._views = {form: ARCH};
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "test.dialog",
        res_id: 1,
        views: [[false, "form"]],
        target: "new",
    });
    await animationFrame();
    await runAllTimers();
    await animationFrame();
}

test("with a suggestion the next key confirms", async () => {
    await openDialog(7);
    expect("button[name=action_confirm]").toBeFocused();
});

test("with suggestions that choose nothing the next key takes the first", async () => {
    await openDialog(0);
    expect(".o-mailbox-Suggestions-chip:first").toBeFocused();
});

test("without any the next letters are those of the record", async () => {
    Dialog._records[0].suggestions = [];
    await openDialog(0);
    expect(".o_selected_row td[name=res_id] input").toBeFocused();
});

async function typeRecord(resId, text) {
    await mountView({
        type: "form",
        resModel: "test.choice",
        resId,
        arch: `<form>
            <field name="res_model" invisible="1"/>
            <field name="record_domain" invisible="1"/>
            <field name="new_record" invisible="1"/>
            <field name="res_id" widget="mailbox_archive_record"/>
        </form>`,
    });
    await contains("[name=res_id] input").edit(text, {confirm: false});
    await runAllTimers();
}

test("a record is made in its own form, which begins with what the mail says", async () => {
    await typeRecord(1, "Anna");
    expect(".o_m2o_dropdown_option_create").toHaveCount(0);
    await contains(".o_m2o_dropdown_option_create_edit").click();
    expect(".modal [name=name] input").toHaveValue("Anna");
    expect(".modal [name=email] input").toHaveValue("a@x.example");
    await contains(".modal .o_form_button_save").click();
    expect("[name=res_id] input").toHaveValue("Anna");
});

test("who may make no record is not offered to", async () => {
    await typeRecord(2, "Anna");
    expect(".o-autocomplete--dropdown-item").toHaveCount(1);
    expect(".o-autocomplete--dropdown-item").toHaveText("No records");
});
