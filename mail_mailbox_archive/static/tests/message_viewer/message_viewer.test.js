import {Deferred, animationFrame, click, describe, expect, test} from "@odoo/hoot";
import {answer, useMail} from "../mailbox_test_helpers.esm";
import {
    contains,
    getService,
    mockService,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {MessageViewer} from "@mail_mailbox_archive/message_viewer/message_viewer.esm";
import {bodyUrl} from "@mail_mailbox_archive/message_viewer/message_body.esm";
import {Component, useEffect, xml} from "@odoo/owl";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

const HOSTILE = `<img src=x onerror="window.hacked = true">`;

describe.current.tags("desktop");
defineMailModels();

/** The frame needs a server: its own tests are in Python, with one. */
class Body extends Component {
    static template = xml`<p class="body" t-esc="props.data.images"/>`;
    static props = ["*"];
    setup() {
        useEffect(
            () => {
                this.props.onRemote?.(2);
            },
            () => [this.props.data.images]
        );
    }
}

function person(name, address, readable = "") {
    return {name, address, readable};
}

function part(id, values) {
    return {
        id,
        name: `${id}.pdf`,
        kind: "PDF",
        mimetype: "application/pdf",
        shown_as: "application/pdf",
        message: false,
        inner: "",
        size: "4 Kb",
        danger: "",
        in_text: false,
        ...values,
    };
}

function viewData(values = {}) {
    return {
        id: 1,
        subject: "Offer",
        date: "2026-11-02 10:00:00",
        size: "4 Kb",
        email_from: [person("Anna Nowak", "anna@x.example")],
        email_to: [person("", "office@y.example")],
        email_cc: [],
        email_bcc: [],
        email_reply_to: [],
        warnings: [],
        parts: [],
        invitations: [],
        sealing: false,
        cards: [],
        oversize: false,
        defects: [],
        records: [],
        follows: [],
        roles: [],
        may_govern: false,
        may_send: false,
        sender: "anna@x.example",
        images: "blocked",
        token: false,
        thread: [],
        delivery: [],
        ...values,
    };
}

const CARD = {
    title: "Order SO7",
    lines: ["Due on Friday"],
    icon: "fa-truck",
    res_model: "res.partner",
    res_id: 7,
};

async function mountViewer(values, props = {}) {
    useMail();
    patchWithCleanup(MessageViewer.components, {MessageBody: Body});
    answer("mail.mailbox.message", "get_view_data", ([id]) =>
        viewData({id, ...values})
    );
    await mountWithCleanup(MessageViewer, {props: {messageId: 1, ...props}});
}

test("every address stands beside its name", async () => {
    const people = Array.from({length: 30}, (_, at) => person("", `p${at}@x.example`));
    await mountViewer({
        email_cc: people,
        email_from: [person("Anna", "a@xn--x.example", "a@ż.example")],
    });
    expect("[data-header=email_from]").toHaveText(
        /Anna\s*<a@xn--x\.example>\s*\(a@ż\.example\)/
    );
    expect("[data-header=email_to]").toHaveText(/office@y\.example/);
    expect(
        "[data-header=email_cc] details .o-mailbox-MessagePeople-person"
    ).not.toHaveCount(0);
    expect("[data-header=email_bcc]").toHaveCount(0);
});

test("what may deceive is said", async () => {
    await mountViewer({warnings: [{code: "reply_to", text: "Answers go elsewhere."}]});
    expect(".o-mailbox-MessageViewer-warning[role=alert]").toHaveText(/elsewhere/);
});

test("a card of another add-on opens its record", async () => {
    mockService("action", {
        doAction: (action) => expect.step(`${action.res_model} ${action.res_id}`),
    });
    await mountViewer({cards: [CARD, {...CARD, title: "Plain", res_id: false}]});
    expect(".o-mailbox-MessageCards-card").toHaveCount(2);
    expect(".o-mailbox-MessageCards-card:first").toHaveText(/Due on Friday/);
    // without a record there is nothing to open
    expect(".o-mailbox-MessageCards-card button").toHaveCount(1);
    await contains(".o-mailbox-MessageCards-card button").click();
    expect.verifySteps(["res.partner 7"]);
});

test("hostile texts are written out as they are", async () => {
    await mountViewer({
        subject: HOSTILE,
        email_from: [person(HOSTILE, HOSTILE, HOSTILE)],
        warnings: [{code: "x", text: HOSTILE}],
        parts: [part(1, {name: HOSTILE, kind: HOSTILE, size: HOSTILE})],
        records: [{link_id: 1, res_model: "res.partner", res_id: 1, name: HOSTILE}],
        roles: [HOSTILE],
        cards: [{...CARD, title: HOSTILE, lines: [HOSTILE], icon: HOSTILE}],
        sender: HOSTILE,
        thread: [
            {
                id: 2,
                subject: HOSTILE,
                date: false,
                email_from: [person(HOSTILE, HOSTILE)],
                preview: HOSTILE,
                attachment_count: 0,
                later: true,
            },
        ],
    });
    expect(".o-mailbox-MessageViewer img").toHaveCount(0);
    expect(".o-mailbox-MessageViewer-subject").toHaveText(HOSTILE);
    expect(window.hacked).toBe(undefined);
});

test("pictures from outside are asked for, once or always", async () => {
    await mountViewer();
    await animationFrame();
    expect(".o-mailbox-MessageViewer-images").toHaveText(/not loaded/);
    answer("mail.mailbox.message", "allow_images", ([id], always) => {
        expect.step(always);
        return viewData({id, images: always ? "always" : "once", token: "t"});
    });
    answer("mail.mailbox.message", "forbid_images", ([id]) => viewData({id}));
    await click(".o-mailbox-MessageViewer-show");
    await animationFrame();
    expect(".body").toHaveText("once");
    await click(".o-mailbox-MessageViewer-images button");
    await animationFrame();
    await animationFrame();
    await click(".o-mailbox-MessageViewer-always");
    await animationFrame();
    expect(".body").toHaveText("always");
    expect.verifySteps([false, true]);
});

test("attachments: pictures of the text are folded, dangerous ones warn", async () => {
    await mountViewer({
        parts: [
            part(1),
            part(2, {
                name: "logo.png",
                kind: "PNG",
                mimetype: "image/png",
                in_text: true,
            }),
            part(3, {name: "offer.exe", kind: "EXE", shown_as: "", danger: "runs"}),
        ],
    });
    expect(".o-mailbox-MessageAttachments-file").toHaveCount(2);
    expect(".o-mailbox-MessageAttachments-file:first").toHaveText(
        /1\.pdf\s*PDF · 4 Kb/
    );
    expect(".o-mailbox-MessageAttachments-all").toHaveCount(1);
    await click(".o-mailbox-MessageAttachments-file:last");
    await animationFrame();
    expect(".modal").toHaveText(/can run programs on your computer/);
});

test("an attachment that is clicked is looked at, and the others beside it", async () => {
    const shown = {
        "a.pdf": "application/pdf",
        "b.png": "image/png",
        "c.jpg": "image/jpeg",
        "d.gif": "image/gif",
        "e.webp": "image/webp",
        "f.txt": "text/plain",
    };
    const parts = Object.entries(shown).map(([name, mimetype], at) =>
        part(at, {name, mimetype})
    );
    // not to be looked at, and not counted
    parts.splice(2, 0, part(9, {name: "z.zip", mimetype: "application/zip"}));
    await mountViewer({parts});
    for (const name of Object.keys(shown)) {
        await click(`.o-mailbox-MessageAttachments-file[title='${name}']`);
        await animationFrame();
        expect(".o-FileViewer-header .text-truncate").toHaveText(name);
        await click(".o-FileViewer-headerButton[aria-label=Close]");
        await animationFrame();
        expect(".o-FileViewer").toHaveCount(0);
    }
    await click(".o-mailbox-MessageAttachments-file[title='f.txt']");
    await animationFrame();
    await click(".o-FileViewer-navigation[aria-label=Next]");
    await animationFrame();
    expect(".o-FileViewer-header .text-truncate").toHaveText("a.pdf");
});

test("attachments are saved to a record by a form of their own", async () => {
    await mountViewer({id: 9, parts: [part(1)]});
    patchWithCleanup(getService("action"), {
        doAction: (action, {additionalContext}) =>
            expect.step([action.split(".")[1], additionalContext]),
    });
    await click(".o-mailbox-MessageAttachments-save");
    expect.verifySteps([
        ["mail_mailbox_save_wizard_action", {default_mailbox_message_id: 9}],
    ]);
});

test("the conversation is folded, and opens where it stands", async () => {
    const earlier = {
        id: 2,
        subject: "Before",
        date: "2026-11-01 10:00:00",
        email_from: [person("", "b@x.example")],
        preview: "Earlier words",
        attachment_count: 0,
        later: false,
    };
    await mountViewer({thread: [earlier]});
    expect(".o-mailbox-MessageThread h5").toHaveText("Conversation: 1 more email");
    expect(".o-mailbox-MessageThread .o-mailbox-MessageViewer").toHaveCount(0);
    await click(".o-mailbox-MessageThread-message button");
    await animationFrame();
    expect(".o-mailbox-MessageThread .o-mailbox-MessageViewer").toHaveCount(1);
    // the conversation is not listed inside itself
    expect(".o-mailbox-MessageThread .o-mailbox-MessageThread").toHaveCount(0);
});

test("the archive dialog gets the message and where it is read", async () => {
    await mountViewer({}, {mailboxId: 5});
    patchWithCleanup(getService("mailbox_archive_dialog"), {
        open: ({onClose: _onClose, ...rest}) => expect.step(rest),
    });
    await click(".o-mailbox-MessageViewer-archive");
    expect.verifySteps([{messageIds: [1], mailboxId: 5, attached: false}]);
});

test("who may send can answer and forward", async () => {
    await mountViewer({may_send: true}, {mailboxId: 5});
    patchWithCleanup(getService("mailbox_compose"), {
        answer: (id, mode, {mailboxId}) => expect.step([id, mode, mailboxId]),
    });
    for (const mode of ["reply", "reply_all", "forward"]) {
        await click(`.o-mailbox-MessageViewer-answer[data-mode=${mode}]`);
    }
    expect.verifySteps([
        [1, "reply", 5],
        [1, "reply_all", 5],
        [1, "forward", 5],
    ]);
});

test("who may not send is not offered to answer", async () => {
    await mountViewer();
    expect(".o-mailbox-MessageViewer-archive").toHaveCount(1);
    expect(".o-mailbox-MessageViewer-answer").toHaveCount(0);
});

test("a message that is not there any more says so", async () => {
    useMail();
    answer("mail.mailbox.message", "get_view_data", () => {
        throw Object.assign(new Error("gone"), {data: {}});
    });
    await mountWithCleanup(MessageViewer, {props: {messageId: 1}});
    expect(".o-mailbox-MessageViewer").toHaveText(/you may not read it/);
});

test("the body's address has its token and its options", () => {
    expect(bodyUrl({id: 7, token: false}, {dark: 1})).toBe(
        "/mail_mailbox_archive/body/7?dark=1"
    );
    expect(bodyUrl({id: 7, token: "t"})).toMatch(/body\/7(\/t)?$/);
});

const SEALING = {
    kind: "signed",
    method: "S/MIME",
    checkable: true,
    text: "This email carries a signature (S/MIME).",
};

test("the email is shown while its signature is checked", async () => {
    const checked = new Deferred();
    answer("mail.mailbox.message", "check_signature", () => checked);
    await mountViewer({sealing: SEALING});
    expect(".o-mailbox-MessageViewer-subject").toHaveText("Offer");
    expect(".o-mailbox-MessageViewer-sealing").toHaveText(/Checking the signature/);
    checked.resolve({
        state: "good",
        level: "success",
        text: `Signed by ${HOSTILE}.`,
        lines: ["Issued by Spostex Mail CA."],
    });
    await animationFrame();
    expect(".o-mailbox-MessageViewer-sealing.alert-success").toHaveText(
        /Signed by <img.*Issued by/s
    );
    expect(".o-mailbox-MessageViewer-sealing img").toHaveCount(0);
    expect(".o-mailbox-MessageViewer-sealing").not.toHaveText(/Checking|carries/);
});

test("what cannot be checked is named, and nothing is asked", async () => {
    answer("mail.mailbox.message", "check_signature", () => expect.step("asked"));
    await mountViewer({sealing: {...SEALING, checkable: false}});
    expect(".o-mailbox-MessageViewer-sealing").toHaveText(/carries a signature/);
    expect.verifySteps([]);
});

test("a check that fails leaves what was said before", async () => {
    answer("mail.mailbox.message", "check_signature", () => false);
    await mountViewer({sealing: SEALING});
    await animationFrame();
    expect(".o-mailbox-MessageViewer-sealing").toHaveText(/carries a signature/);
    expect(".o-mailbox-MessageViewer-sealing").not.toHaveText(/Checking/);
});
