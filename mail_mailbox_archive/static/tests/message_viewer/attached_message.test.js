import {animationFrame, click, describe, expect, test} from "@odoo/hoot";
import {answer, useMail} from "../mailbox_test_helpers.esm";
import {mountWithCleanup, patchWithCleanup} from "@web/../tests/web_test_helpers";
import {AttachedMessage} from "@mail_mailbox_archive/message_viewer/attached_message.esm";
import {Component, xml} from "@odoo/owl";
import {MessageAttachments} from "@mail_mailbox_archive/message_viewer/message_attachments.esm";
import {bodyUrl} from "@mail_mailbox_archive/message_viewer/message_body.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

describe.current.tags("desktop");
defineMailModels();

/** The frame needs a server: its own tests are in Python, with one. */
class Body extends Component {
    static template = xml`<p class="body" t-esc="props.data.inner"/>`;
    static props = ["*"];
}

function part(id, values) {
    return {
        id,
        inner: "",
        name: `${id}.txt`,
        kind: "TXT",
        mimetype: "text/plain",
        shown_as: "text/plain",
        message: false,
        size: "4 B",
        danger: "",
        in_text: false,
        ...values,
    };
}

function mail(inner, values) {
    return part(7, {
        inner,
        name: `mail ${inner}.eml`,
        mimetype: "message/rfc822",
        shown_as: "",
        message: true,
        ...values,
    });
}

function answerMail() {
    answer("mail.mailbox.part", "get_view_data", ([id], inner) => {
        expect.step([id, inner]);
        return {
            id: 1,
            part: id,
            inner,
            subject: `Subject ${inner}`,
            date: "2026-11-02 10:00:00",
            size: "4 KB",
            email_from: [{name: "Anna", address: "anna@x.example", readable: ""}],
            email_to: [],
            email_cc: [],
            email_bcc: [],
            email_reply_to: [],
            warnings: [{code: "x", text: "Beware"}],
            invitations: [],
            parts: inner ? [] : [mail("3"), part(7, {inner: "2"})],
            images: "blocked",
            token: false,
        };
    });
}

async function mountAttachments(parts) {
    useMail();
    patchWithCleanup(AttachedMessage.components, {MessageBody: Body});
    answerMail();
    await mountWithCleanup(MessageAttachments, {props: {messageId: 1, parts}});
}

test("an attached message opens as one, and the one inside of it", async () => {
    await mountAttachments([mail("")]);
    await click(".o-mailbox-MessageAttachments-file");
    await animationFrame();
    expect(".modal").toHaveText(/Subject.*Anna/s);
    expect(".modal .o-mailbox-MessageViewer-warning").toHaveText("Beware");
    expect(".modal .o-mailbox-MessageAttachments-file").toHaveCount(2);
    // what belongs to a message with a record
    expect(".modal .o-mailbox-MessageAttachments-save").toHaveCount(0);
    expect(".modal .o-mailbox-MessageAttachments-file:last").toHaveAttribute(
        "href",
        "/mail_mailbox_archive/part/7/2"
    );
    await click(".modal .o-mailbox-MessageAttachments-file:first");
    await animationFrame();
    expect(".modal .body:last").toHaveText("3");
    expect.verifySteps([
        [7, ""],
        [7, "3"],
    ]);
});

test("files are looked at one after the other, dangerous ones left out", async () => {
    await mountAttachments([
        part(1),
        part(2, {danger: "runs"}),
        part(3, {mimetype: "x/y", shown_as: ""}),
        part(4, {mimetype: "application/octet-stream", name: "4.log"}),
    ]);
    await click(".o-mailbox-MessageAttachments-file:first");
    await animationFrame();
    expect(".o-FileViewer-header").toHaveText(/1\.txt/);
    await click(".o-FileViewer [aria-label=Next]");
    await animationFrame();
    expect(".o-FileViewer-header").toHaveText(/4\.log/);
});

test("the address of an attached message's body names it", () => {
    expect(bodyUrl({id: 7, token: false, part: 9, inner: "2/1"})).toBe(
        "/mail_mailbox_archive/body/7?part=9&inner=2%2F1"
    );
});
