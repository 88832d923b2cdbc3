import {
    advanceTime,
    animationFrame,
    click,
    describe,
    expect,
    hover,
    leave,
    press,
    test,
} from "@odoo/hoot";
import {answer, useMail} from "../mailbox_test_helpers.esm";
import {contains, mockService, mountWithCleanup} from "@web/../tests/web_test_helpers";
import {ArchiveMenu} from "@mail_mailbox_archive/archive_menu/archive_menu.esm";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {registry} from "@web/core/registry";

describe.current.tags("desktop");
defineMailModels();

const HOSTILE = `<img src=x onerror="window.hacked = true">`;

function message(values) {
    return {
        id: 1,
        subject: "Offer",
        people: `"Nowak, Anna" <anna@spostex.example>`,
        direction: "incoming",
        unread: false,
        mailbox: "office@spedbud.example",
        color: 3,
        date: "2026-11-21 10:00:00",
        ...values,
    };
}

async function mountMenu({badge = {unread: 3, ages: [0, 1]}, newest} = {}) {
    useMail(badge);
    answer("mail.mailbox", "get_newest", newest || {messages: [], has_mailbox: true});
    mockService("action", {
        doAction: (action, options = {}) => expect.step({action, ...options}),
    });
    await mountWithCleanup(ArchiveMenu);
}

async function openMenu() {
    await click(".o-mailbox-ArchiveMenu-more");
    await animationFrame();
}

test("the envelope opens the Queue with one click; resting on it lists the newest", async () => {
    await mountMenu();
    await click(".o-mailbox-ArchiveMenu");
    await animationFrame();
    expect.verifySteps([
        {
            action: "mail_mailbox_archive.mail_mailbox_arrival_action",
            clearBreadcrumbs: true,
            additionalContext: {
                search_default_to_do: 0,
                search_default_not_blocked: 1,
                search_default_unread: 1,
            },
        },
    ]);
    expect(".o-mailbox-ArchiveMenu-content").toHaveCount(0);
    await leave();
    await hover(".o-mailbox-ArchiveMenu-more");
    await advanceTime(500);
    await animationFrame();
    expect(".o-mailbox-ArchiveMenu-content").toHaveCount(1);
});

test("shows both circles, and says them to a screen reader", async () => {
    await mountMenu();
    expect(".o-mailbox-ArchiveMenu-unread").toHaveText("3");
    expect(".o-mailbox-ArchiveMenu-fresh").toHaveText("2");
    expect(".o-mailbox-ArchiveMenu").toHaveAttribute(
        "aria-label",
        "Emails, 3 unread on the server, 2 new in the last five minutes"
    );
    expect(".o-mailbox-ArchiveMenu .badge[aria-hidden=true]").toHaveCount(2);
});

test("shows no circle where there is nothing", async () => {
    await mountMenu({badge: {unread: 0, ages: []}});
    expect(".o-mailbox-ArchiveMenu .badge").toHaveCount(0);
    expect(".o-mailbox-ArchiveMenu").toHaveAttribute("aria-label", "Emails");
});

test("shows no number above 99", async () => {
    await mountMenu({badge: {unread: 100, ages: new Array(100).fill(0)}});
    expect(".o-mailbox-ArchiveMenu-unread").toHaveText("99+");
    expect(".o-mailbox-ArchiveMenu-fresh").toHaveText("99+");
});

test("is not there for people without mail", async () => {
    await mountMenu({badge: false});
    expect(".o-mailbox-ArchiveMenu").toHaveCount(0);
    const {isDisplayed} = registry.category("systray").get("mail_mailbox_archive.menu");
    const services = (enabled) => ({services: {mailbox_badge: {state: {enabled}}}});
    expect(isDisplayed(services(false))).toBe(false);
    expect(isDisplayed(services(true))).toBe(true);
});

test("lists the newest messages: people, subject, mailbox, age", async () => {
    const messages = [
        message({id: 1, unread: true}),
        message({id: 2, direction: "outgoing", subject: "", people: "jan@x.example"}),
    ];
    await mountMenu({newest: {messages, has_mailbox: true}});
    await openMenu();
    expect(".o-mailbox-NewestMessage").toHaveCount(2);
    const [first, second] = document.querySelectorAll(".o-mailbox-NewestMessage");
    expect(first).toHaveText(/Nowak, Anna[\s\S]*Offer[\s\S]*office@spedbud\.example/);
    expect(first).toHaveClass("o-mailbox-NewestMessage-unread");
    expect(second).toHaveText(/jan@x\.example[\s\S]*\(no subject\)/);
    expect(second.querySelector("[aria-label=Sent]")).not.toBe(null);
});

test("writes hostile texts out as they are", async () => {
    const hostile = message({subject: HOSTILE, people: HOSTILE, mailbox: HOSTILE});
    await mountMenu({newest: {messages: [hostile], has_mailbox: true}});
    await openMenu();
    expect(".o-mailbox-NewestMessage img").toHaveCount(0);
    expect(".o-mailbox-NewestMessage-subject").toHaveText(HOSTILE);
    expect(window.hacked).toBe(undefined);
});

test("shows the number of one's own open emails beside the circles", async () => {
    await mountMenu({badge: {unread: 0, ages: [], own: 4}});
    expect(".o-mailbox-ArchiveMenu-own").toHaveText("4");
    expect(".o-mailbox-ArchiveMenu").toHaveAttribute(
        "aria-label",
        "Emails, 4 open and owned by you"
    );
});

test("opens the Queue so filtered", async () => {
    await mountMenu({badge: {unread: 3, ages: [0, 1], own: 1}});
    for (const [button, context] of [
        [".o-mailbox-ArchiveMenu-openUnread", {search_default_unread: 1}],
        [".o-mailbox-ArchiveMenu-openFresh", {search_default_recent: 1}],
        [".o-mailbox-ArchiveMenu-queue", {search_default_unread: 1}],
    ]) {
        await openMenu();
        await click(button);
        await animationFrame();
        expect.verifySteps([
            {
                action: "mail_mailbox_archive.mail_mailbox_arrival_action",
                clearBreadcrumbs: true,
                additionalContext: {
                    search_default_to_do: 0,
                    search_default_not_blocked: 1,
                    ...context,
                },
            },
        ]);
        expect(".o-mailbox-ArchiveMenu-content").toHaveCount(0);
    }
});

test("opens what one owns and is open, also where it left the Queue", async () => {
    await mountMenu({badge: {own: 1}});
    await openMenu();
    await click(".o-mailbox-ArchiveMenu-openOwn");
    await animationFrame();
    expect.verifySteps([
        {
            action: "mail_mailbox_archive.mail_mailbox_arrival_own_action",
            clearBreadcrumbs: true,
        },
    ]);
});

test("opens the message that is clicked", async () => {
    await mountMenu({newest: {messages: [message({id: 42})], has_mailbox: true}});
    await openMenu();
    await click(".o-mailbox-NewestMessage");
    await animationFrame();
    expect.verifySteps([
        {
            action: "mail_mailbox_archive.mail_mailbox_arrival_action",
            clearBreadcrumbs: true,
            viewType: "form",
            props: {resId: 42},
        },
    ]);
});

test("checks for new emails, and leaves the page as it is", async () => {
    await mountMenu();
    let finish = null;
    answer("mail.mailbox", "action_check_all", () => {
        const result = {
            type: "ir.actions.client",
            tag: "display_notification",
            params: {message: "2 new emails.", next: {tag: "soft_reload"}},
        };
        return new Promise((resolve) => (finish = () => resolve(result)));
    });
    await openMenu();
    await click(".o-mailbox-ArchiveMenu-check");
    await animationFrame();
    expect(".o-mailbox-ArchiveMenu-check").not.toBeEnabled();
    finish();
    await animationFrame();
    await animationFrame();
    expect(".o-mailbox-ArchiveMenu-check").toBeEnabled();
    expect.verifySteps([
        {
            action: {
                type: "ir.actions.client",
                tag: "display_notification",
                params: {message: "2 new emails.", next: undefined},
            },
        },
    ]);
});

test("tells who has no mailbox what to do", async () => {
    await mountMenu({newest: {messages: [], has_mailbox: false}});
    await openMenu();
    expect(".o-mailbox-ArchiveMenu-empty").toHaveText(/You have no mailbox yet/);
    expect(".o-mailbox-ArchiveMenu-check").toHaveCount(0);
    await contains(".o-mailbox-ArchiveMenu-empty button").click();
    expect.verifySteps([
        {
            action: "mail_mailbox_archive.mail_mailbox_setup_wizard_action",
            clearBreadcrumbs: false,
        },
    ]);
});

test("everything in the drop-down is reached by the arrow keys", async () => {
    await mountMenu({newest: {messages: [message({})], has_mailbox: true}});
    await openMenu();
    // both counts, the message, and the two buttons
    for (let step = 0; step < 5; step++) {
        await press("arrowdown");
        await animationFrame();
    }
    expect(document.activeElement).toHaveClass("o-mailbox-ArchiveMenu-queue");
});
