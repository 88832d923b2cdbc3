import {
    advanceTime,
    animationFrame,
    click,
    describe,
    expect,
    press,
    test,
} from "@odoo/hoot";
import {answer, news, useMail} from "../mailbox_test_helpers.esm";
import {
    MockServer,
    contains,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {Component, xml} from "@odoo/owl";
import {router} from "@web/core/browser/router";
import {MailListController} from "@mail_mailbox_archive/mail_list/mail_list_controller.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

const HOSTILE = `<img src=x onerror="window.hacked = true">`;
const ARCH = /* xml */ `
    <list js_class="mailbox_list">
        <field name="seen" column_invisible="1"/>
        <field name="direction" column_invisible="1"/>
        <field name="preview" column_invisible="1"/>
        <field name="email_from" column_invisible="1"/>
        <field name="email_to" column_invisible="1"/>
        <field name="attachment_count" column_invisible="1"/>
        <field name="attached_records" column_invisible="1"/>
        <field name="subject" widget="mailbox_line"/>
        <field name="internal_date" widget="mailbox_age"/>
    </list>`;

class Arrival extends models.Model {
    _name = "mail.mailbox.arrival";
    subject = fields.Char();
    preview = fields.Char();
    email_from = fields.Char();
    email_to = fields.Char();
    seen = fields.Boolean();
    direction = fields.Char();
    attachment_count = fields.Integer();
    attached_records = fields.Json();
    internal_date = fields.Datetime();
}

function line(id, values = {}) {
    return {
        id,
        subject: `Mail ${id}`,
        preview: "Dear all",
        email_from: `"Nowak, Anna" <anna@x.example>`,
        email_to: "office@x.example",
        seen: true,
        direction: "incoming",
        attachment_count: 0,
        attached_records: [],
        internal_date: "2026-11-02 10:00:00",
        ...values,
    };
}

class Mailbox extends models.Model {
    _name = "mail.mailbox";
    name = fields.Char();
}

describe.current.tags("desktop");
defineMailModels();
defineModels([Arrival, Mailbox]);

/** The viewer has tests of its own. */
class Viewer extends Component {
    static template = xml`<p class="viewer" t-esc="props.messageId"/>`;
    static props = ["*"];
}

const THREE = [1, 2, 3].map((id) => line(id));

async function mountList({
    rows = THREE,
    code = "no_match",
    done = {},
    imports = [],
    ...options
} = {}) {
    Arrival._records = rows;
    useMail();
    answer("mail.mailbox", "get_badge", {unread: 0, ages: []});
    answer("mail.mailbox", "get_first_steps", done);
    answer("mail.mailbox", "get_import_progress", imports);
    answer("mail.mailbox.arrival", "get_empty_state", code);
    const draft = {fields: {}};
    const views = {models: {"mail.mailbox.draft": draft}, views: {}};
    // the form to write is got ready
    answer("mail.mailbox.draft", "get_views", views);
    patchWithCleanup(MailListController.components, {MessageViewer: Viewer});
    await mountView({
        type: "list",
        resModel: "mail.mailbox.arrival",
        arch: ARCH,
        noContentHelp: "Nothing",
        ...options,
    });
    patchWithCleanup(getService("mailbox_archive_dialog"), {
        open: ({onClose: _onClose, ...rest}) => expect.step(rest),
    });
}

const one = (selector, at = 0) => document.querySelectorAll(selector)[at];

test("a line shows people, subject, preview, clip, records; unread is bold", async () => {
    const rows = [
        line(1, {
            seen: false,
            attachment_count: 2,
            attached_records: [
                {link_id: 7, res_model: "res.partner", res_id: 3, name: "Spostex S.A."},
            ],
        }),
        line(2, {direction: "outgoing", seen: false, subject: ""}),
    ];
    await mountList({rows});
    const [first, second] = document.querySelectorAll(".o-mailbox-MailLine");
    expect(first).toHaveText(/Nowak, Anna[\s\S]*Mail 1[\s\S]*Dear all[\s\S]*Spostex/);
    expect(first).toHaveClass("o-mailbox-MailLine-unread");
    expect(first.querySelector(".o-mailbox-MailLine-clip")).not.toBe(null);
    expect(second).toHaveText(/office@x\.example[\s\S]*\(no subject\)/);
    expect(second).not.toHaveClass("o-mailbox-MailLine-unread");
    expect(second.querySelector("[aria-label=Sent]")).not.toBe(null);
});

test("hostile texts are written out as they are", async () => {
    const records = [{link_id: 7, res_model: "res.partner", res_id: 3, name: HOSTILE}];
    const rows = [
        line(1, {
            subject: HOSTILE,
            preview: HOSTILE,
            email_from: `"${HOSTILE.replaceAll('"', '\\"')}" <a@x.example>`,
            attached_records: records,
        }),
    ];
    await mountList({rows});
    expect(".o-mailbox-MailLine img").toHaveCount(0);
    expect(".o-mailbox-MailLine-who").toHaveText(HOSTILE);
    expect(".o-mailbox-MailLine-subject").toHaveText(HOSTILE);
    expect(window.hacked).toBe(undefined);
});

test("a click shows the message beside the list; j and k go on", async () => {
    await mountList();
    expect(".o-mailbox-MailList-hint").toHaveCount(1);
    await click(one(".o-mailbox-MailLine"));
    await animationFrame();
    expect(".viewer").toHaveText("1");
    await press("j");
    await animationFrame();
    expect(".viewer").toHaveText("2");
    expect(".o-mailbox-MailList-open").toHaveText(/Mail 2/);
    await press("k");
    await press("k");
    await animationFrame();
    expect(".viewer").toHaveText("1");
});

test("Enter opens the open message, also after a click on another", async () => {
    await mountList({selectRecord: (id) => expect.step(id)});
    await contains(".o-mailbox-MailLine:eq(0)").click();
    one(".o_data_row .o_data_cell").focus();
    await press("j");
    await animationFrame();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([2]);
});

test("j goes on from the place of a line that has gone", async () => {
    await mountList({rows: [1, 2, 3, 4].map((id) => line(id))});
    await press("j");
    await press("j");
    await animationFrame();
    MockServer.env["mail.mailbox.arrival"].unlink([2]);
    await news();
    await advanceTime(1500);
    await animationFrame();
    expect(".o-mailbox-MailLine").toHaveCount(3);
    await press("j");
    await animationFrame();
    expect(".viewer").toHaveText("3");
});

test("the open message stands in the address, and is found there", async () => {
    await mountList();
    await press("j");
    expect(router.current.email).toBe(1);
});

test("a archives what is selected, else what is open", async () => {
    const asked = {mailboxId: false, attached: false, withOthers: false};
    await mountList();
    await press("a");
    expect.verifySteps([]);
    await press("j");
    await animationFrame();
    await press("a");
    await animationFrame();
    expect.verifySteps([{arrivalIds: [1], ...asked}]);
    await press("j");
    await press("x");
    await animationFrame();
    await press("a");
    await animationFrame();
    expect.verifySteps([{arrivalIds: [2], ...asked}]);
});

test("r answers the open message", async () => {
    await mountList();
    patchWithCleanup(getService("mailbox_compose"), {
        answer: (id, mode) => expect.step(`${mode} ${id}`),
    });
    await press("r");
    expect.verifySteps([]);
    await press("j");
    await animationFrame();
    await press("r");
    expect.verifySteps(["reply 1"]);
});

test("letters are letters where one types, and behind a dialog", async () => {
    await mountList({searchViewArch: "<search><field name='subject'/></search>"});
    await press("/");
    await animationFrame();
    expect(".o_searchview_input").toBeFocused();
    await press("j");
    await animationFrame();
    expect(".viewer").toHaveCount(0);
    one(".o-mailbox-MailList").focus();
    await press("?");
    await animationFrame();
    expect(".modal .o-mailbox-KeysDialog").toHaveCount(1);
    await press("j");
    await animationFrame();
    expect(".viewer").toHaveCount(0);
});

test("new mail appears; the selection and the open message stay", async () => {
    await mountList();
    await press("j");
    await press("j");
    await press("x");
    await animationFrame();
    const {id: _id, ...values} = line(4);
    MockServer.env["mail.mailbox.arrival"].create(values);
    await news();
    await advanceTime(1500);
    await animationFrame();
    expect(".o-mailbox-MailLine").toHaveCount(4);
    expect(".o-mailbox-MailList-fresh").toHaveText(/Mail 4/);
    expect(".viewer").toHaveText("2");
    expect(".o_data_row_selected").toHaveText(/Mail 2/);
});

for (const [code, title] of [
    ["no_mailbox", /No mailbox yet/],
    ["no_mail", /No emails here yet/],
    ["no_match", /No emails match/],
]) {
    test(`an empty list says why: ${code}`, async () => {
        await mountList({rows: [], code});
        expect(".o-mailbox-MailEmptyState").toHaveText(title);
        expect(".o-mailbox-MailEmptyState").toHaveAttribute("data-code", code);
        expect(".o-mailbox-MailList-pane").toHaveCount(0);
    });
}

test("an empty list after all was archived is a success", async () => {
    await mountList({rows: [], domain: [["seen", "=", false]]});
    expect(".o-mailbox-MailEmptyState").toHaveText(/Everything is read/);
    await contains(".o-mailbox-MailEmptyState button").click();
});

test("first steps stand above the list until they are done or closed", async () => {
    onRpc("res.users.settings", "set_res_users_settings", ({kwargs}) => {
        expect.step(kwargs.new_settings);
        return {id: 1, ...kwargs.new_settings};
    });
    await mountList({done: {connect: true, verify: false, archive: false}});
    expect(".o-mailbox-FirstSteps-step").toHaveCount(3);
    expect("[data-step=connect] button").toHaveCount(0);
    expect("[data-step=verify] button").toHaveText("Open mailboxes");
    await contains(".o-mailbox-FirstSteps .btn-close").click();
    expect(".o-mailbox-FirstSteps").toHaveCount(0);
    expect.verifySteps([{mailbox_first_steps_hidden: true}]);
});

test("first steps that are done are not shown", async () => {
    await mountList({done: {connect: true, verify: true, archive: true}});
    expect(".o-mailbox-FirstSteps").toHaveCount(0);
});

test("an import is shown above the list until it is done, and can be paused", async () => {
    let imports = [{id: 7, email: "a@x.example", text: "9 left.", paused: false}];
    answer("mail.mailbox", "action_pause_import", (ids) => {
        expect.step(ids);
        imports = [{...imports[0], text: "9 left. Paused.", paused: true}];
        return true;
    });
    await mountList({imports: () => imports});
    expect(".o-mailbox-ImportProgress").toHaveText(/a@x\.example 9 left\.[\s\S]*Pause/);
    await contains(".o-mailbox-ImportProgress button").click();
    expect.verifySteps([[7]]);
    expect(".o-mailbox-ImportProgress button").toHaveText("Continue");
});
