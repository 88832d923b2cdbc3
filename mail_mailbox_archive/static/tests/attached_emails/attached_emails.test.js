import {
    advanceTime,
    after,
    animationFrame,
    click,
    describe,
    expect,
    test,
} from "@odoo/hoot";
import {answer, news, useMail} from "../mailbox_test_helpers.esm";
import {
    asyncStep,
    contains,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    patchWithCleanup,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import {AttachedEmails} from "@mail_mailbox_archive/attached_emails/attached_emails.esm";
import {Component, xml} from "@odoo/owl";
import {
    defineMailModels,
    dragenterFiles,
    dropFiles,
} from "@mail/../tests/mail_test_helpers";
import {rpcBus} from "@web/core/network/rpc";

const HOSTILE = `<img src=x onerror="window.hacked = true">`;
const ARCH = /* xml */ `
    <form>
        <sheet>
            <div name="button_box"><widget name="mailbox_attached_button"/></div>
            <field name="name"/>
            <notebook>
                <page string="Other" name="other"/>
                <page string="Attached - Emails" name="mailbox_archive" invisible="not id">
                    <widget name="mailbox_attached_emails"/>
                </page>
            </notebook>
            <widget name="mailbox_attached_count" invisible="not id"/>
        </sheet>
    </form>`;

class Order extends models.Model {
    _name = "test.order";
    name = fields.Char();
    _records = [
        {id: 1, name: "S00001"},
        {id: 2, name: "S00002"},
    ];
}

describe.current.tags("desktop");
defineMailModels();
defineModels([Order]);

/** The viewer has tests of its own. */
class Viewer extends Component {
    static template = xml`<p class="viewer" t-esc="props.messageId"/>`;
    static props = ["*"];
}

function email(id, values = {}) {
    return {
        id,
        link_id: id + 100,
        may_detach: true,
        subject: `Mail ${id}`,
        people: "Anna Nowak <anna@spostex.example>",
        preview: "Dear all",
        attachment_count: 0,
        roles: [],
        date: "2026-11-02 10:00:00",
        ...values,
    };
}

/**
 * @param {Object} pages messages by record
 */
async function mountForm(pages, {resId = 1, open = true} = {}) {
    useMail({unread: 0, ages: []}, ["test.order"]);
    patchWithCleanup(AttachedEmails.components, {MessageViewer: Viewer});
    const of = (id) => pages[id] || [];
    answer("mail.mailbox.message", "count_attached", (model, id) => of(id).length);
    answer(
        "mail.mailbox.message",
        "get_attached",
        (model, id, search, offset, limit) => {
            expect.step(`list ${model},${id} "${search}" ${offset}`);
            const found = of(id).filter(({subject}) => subject.includes(search));
            return {
                total: found.length,
                messages: found.slice(offset, offset + limit),
            };
        }
    );
    await mountView({
        type: "form",
        resModel: "test.order",
        resId,
        resIds: [1, 2],
        arch: ARCH,
    });
    await animationFrame();
    if (open) {
        await openTab();
    }
}

async function openTab() {
    await click(".nav-link[name=mailbox_archive]");
    await animationFrame();
}

const ON_ORDER = [
    ["res_model", "=", "test.order"],
    ["res_id", "=", 1],
    ["record_state", "=", "there"],
];

/** In the dialog of choices one picks id 7; the archive dialog notes what it got. */
function mockDialogs(archive) {
    patchWithCleanup(getService("dialog"), {
        add(_dialog, {resModel, domain, onSelected}) {
            expect.step({picked: resModel, domain});
            onSelected([7]);
        },
    });
    patchWithCleanup(getService("mailbox_archive_dialog"), {
        open({onClose, ...options}) {
            expect.step(options);
            archive(7, onClose);
        },
    });
}

const number = () =>
    document
        .querySelector(".o_form_renderer")
        .style.getPropertyValue("--o-mailbox-attached-count");

test("the count stands beside the title; the list is asked for when opened", async () => {
    await mountForm({1: [email(1), email(2)]}, {open: false});
    expect(number()).toBe(`"2"`);
    const title = getComputedStyle(
        document.querySelector(".nav-link[name=mailbox_archive]"),
        "::after"
    );
    expect(title.content).toBe(`"2"`);
    expect(".o-mailbox-AttachedStatButton .o_stat_value").toHaveText("2");
    expect.verifySteps([]);
    await openTab();
    expect.verifySteps([`list test.order,1 "" 0`]);
    expect(".o-mailbox-AttachedEmail").toHaveCount(2);
});

test("the tab follows the record", async () => {
    await mountForm({1: [email(1), email(2)], 2: []});
    await contains(".o_pager_next").click();
    await animationFrame();
    expect(number()).toBe("");
    expect(".o-mailbox-AttachedEmail").toHaveCount(0);
    expect(".o-mailbox-AttachedEmails").toHaveText(/No emails are attached here yet/);
    expect.verifySteps([`list test.order,1 "" 0`, `list test.order,2 "" 0`]);
});

test("a new record has no tab", async () => {
    await mountForm({}, {resId: false, open: false});
    expect(".nav-link[name=other]").toHaveCount(1);
    expect(".nav-link[name=mailbox_archive]").toHaveCount(0);
});

test("pages and words", async () => {
    const many = Array.from({length: 25}, (_, index) => email(index + 1));
    await mountForm({1: many});
    expect(".o-mailbox-AttachedEmail").toHaveCount(20);
    await contains(".o-mailbox-AttachedEmails .o_pager_next").click();
    await animationFrame();
    expect(".o-mailbox-AttachedEmail").toHaveCount(5);
    await contains(".o-mailbox-AttachedEmails-search").edit("Mail 25", {
        confirm: false,
    });
    await advanceTime(400);
    await animationFrame();
    expect(".o-mailbox-AttachedEmail").toHaveCount(1);
    expect.verifySteps([
        `list test.order,1 "" 0`,
        `list test.order,1 "" 20`,
        `list test.order,1 "Mail 25" 0`,
    ]);
    expect(number()).toBe(`"25"`);
});

test("an email opens beside the list, and closes", async () => {
    await mountForm({1: [email(1), email(2)]});
    await click(".o-mailbox-AttachedEmail-line:last");
    await animationFrame();
    expect(".viewer").toHaveText("2");
    expect(".o-mailbox-AttachedEmail-line[aria-expanded=true]").toHaveCount(1);
    expect.verifySteps([`list test.order,1 "" 0`]);
    await contains(".o-mailbox-AttachedEmails-viewer .btn-close").click();
    expect(".viewer").toHaveCount(0);
});

test("hostile texts are written out as they are", async () => {
    const hostile = {
        subject: HOSTILE,
        people: HOSTILE,
        preview: HOSTILE,
        roles: [HOSTILE],
    };
    await mountForm({1: [email(1, hostile)]});
    expect(".o-mailbox-AttachedEmail img").toHaveCount(0);
    await click(".o-mailbox-AttachedEmail-detach");
    await animationFrame();
    expect(".modal img").toHaveCount(0);
    expect(".modal").toHaveText(/onerror/);
    expect.verifySteps([`list test.order,1 "" 0`]);
    expect(window.hacked).toBe(undefined);
});

test("detaching is asked about, and only offered to who may", async () => {
    const pages = {1: [email(1), email(2, {may_detach: false})]};
    await mountForm(pages);
    expect(".o-mailbox-AttachedEmail-detach").toHaveCount(1);
    answer("mail.mailbox.link", "action_unfile", ([linkId]) => {
        expect.step(`detach ${linkId}`);
        pages[1].shift();
        return true;
    });
    await click(".o-mailbox-AttachedEmail-detach");
    await animationFrame();
    await contains(".modal .btn-primary").click();
    await animationFrame();
    expect.verifySteps([
        `list test.order,1 "" 0`,
        "detach 101",
        `list test.order,1 "" 0`,
    ]);
    expect(".o-mailbox-AttachedEmail").toHaveCount(1);
    expect(number()).toBe(`"1"`);
});

test("the buttons open the Archives with the record's emails", async () => {
    await mountForm({1: [email(1)]}, {open: false});
    patchWithCleanup(getService("action"), {
        loadAction: (id) => ({id, res_model: "mail.mailbox.message", path: "archives"}),
        doAction: (action) => expect.step(action),
    });
    await click(".o-mailbox-AttachedStatButton");
    await animationFrame();
    expect.verifySteps([
        {
            id: "mail_mailbox_archive.mail_mailbox_message_action",
            res_model: "mail.mailbox.message",
            name: "Attached - Emails",
            path: undefined,
            domain: [
                [
                    "link_ids",
                    "any",
                    [
                        ["res_model", "=", "test.order"],
                        ["res_id", "=", 1],
                        ["record_state", "=", "there"],
                    ],
                ],
            ],
        },
    ]);
});

test("picking from the Archives opens the dialog with this record", async () => {
    const pages = {1: []};
    await mountForm(pages);
    mockDialogs((id, onClose) => {
        pages[1] = [email(id)];
        onClose();
    });
    await click(".o-mailbox-AttachedEmails-attach");
    await animationFrame();
    expect.verifySteps([
        `list test.order,1 "" 0`,
        {
            picked: "mail.mailbox.message",
            domain: [["archived", "=", true], "!", ["link_ids", "any", ON_ORDER]],
        },
        {
            messageIds: [7],
            target: {resModel: "test.order", resId: 1},
            attached: true,
        },
        `list test.order,1 "" 0`,
    ]);
    expect(".o-mailbox-AttachedEmail").toHaveCount(1);
    expect(number()).toBe(`"1"`);
});

test("picking from the Queue opens the dialog with this record", async () => {
    await mountForm({1: []});
    mockDialogs((id, onClose) => onClose());
    await click(".o-mailbox-AttachedEmails-queue");
    await animationFrame();
    expect.verifySteps([
        `list test.order,1 "" 0`,
        {
            picked: "mail.mailbox.arrival",
            domain: ["!", ["mailbox_message_id.link_ids", "any", ON_ORDER]],
        },
        {
            arrivalIds: [7],
            target: {resModel: "test.order", resId: 1},
            attached: false,
        },
        `list test.order,1 "" 0`,
    ]);
});

test("forms are forgotten when the record types change", async () => {
    await mountForm({1: []}, {open: false});
    const forget = ({detail}) => asyncStep(`forget ${detail}`);
    rpcBus.addEventListener("CLEAR-CACHES", forget);
    after(() => rpcBus.removeEventListener("CLEAR-CACHES", forget));
    await news("record_types");
    await waitForSteps(["forget get_views"]);
});

test("emails are imported from files that are chosen or dropped", async () => {
    await mountForm({});
    patchWithCleanup(getService("action"), {
        doAction: (action, {additionalContext}) => {
            const {default_attachment_ids: ids, mailbox_archive_target: target} =
                additionalContext;
            asyncStep([action.split(".")[1], ids.length, target]);
        },
    });
    await click(".o-mailbox-AttachedEmails-import");
    const files = [new File(["Subject: Offer"], "offer.eml")];
    await dragenterFiles(".o-mailbox-AttachedEmails", files);
    await dropFiles(".o-mailbox-AttachedEmails-dropzone", files);
    const target = ["test.order", 1];
    await waitForSteps([
        'list test.order,1 "" 0',
        ["mail_mailbox_import_wizard_action", 0, target],
        ["mail_mailbox_import_wizard_action", 1, target],
    ]);
});
