import assert from "node:assert/strict";
import test from "node:test";
import {makeOdoo, makeThunderbird, run} from "./stub.js";

const SETTINGS = {address: "https://odoo.example.com", database: "", key: "k3y"};
const TAB = {id: 1, type: "mail"};
const OFFER = {headerMessageId: "offer@x.example"};

function record(name, path = "/mail/view?model=res.partner&res_id=7") {
    return {name, res_model: "res.partner", res_id: name.length, path};
}

function emails(...records) {
    return [{message_id: "offer@x.example", emails: [{id: 1, records}]}];
}

async function start(kept = SETTINGS) {
    const thunderbird = makeThunderbird(kept);
    thunderbird.origins.add("https://odoo.example.com/*");
    await run("background.js");
    thunderbird.show = (...messages) =>
        thunderbird.messenger.messageDisplay.onMessagesDisplayed.happen(TAB, {
            messages,
        });
    return thunderbird;
}

test("the button says what the shown email is attached to", async () => {
    const calls = makeOdoo(() => emails(record("Spostex S.A."), record("Crane")));
    const thunderbird = await start();
    await thunderbird.show(OFFER);
    assert.deepEqual(thunderbird.button[1], {
        title: "Attached to Spostex S.A., Crane",
        label: "Spostex S.A. +1",
        badge: "2",
    });
    const [call] = calls;
    assert.equal(calls.length, 1);
    assert.equal(
        call.url,
        "https://odoo.example.com/json/2/mail.mailbox.message/find_attached"
    );
    // the Message-ID and the key, and nothing else
    assert.deepEqual(JSON.parse(call.body), {message_ids: ["offer@x.example"]});
    assert.deepEqual(call.headers, {
        Authorization: "Bearer k3y",
        "Content-Type": "application/json",
    });
    assert.equal(call.redirect, "error");
    assert.equal(call.credentials, "omit");
});

test("nothing is asked before an Odoo is set up, nor without the permission", async () => {
    const calls = makeOdoo(() => emails());
    let thunderbird = await start({});
    await thunderbird.show(OFFER);
    assert.equal(thunderbird.button[1].title, "Archive in Odoo");

    thunderbird = await start();
    thunderbird.origins.clear();
    await thunderbird.show(OFFER);
    assert.match(thunderbird.button[1].title, /may not contact/);
    assert.equal(thunderbird.button[1].badge, "!");
    assert.deepEqual(calls, []);
});

test("of several emails at once, and of none, nothing is asked", async () => {
    const calls = makeOdoo(() => emails());
    const thunderbird = await start();
    await thunderbird.show(OFFER, {headerMessageId: "other@x.example"});
    await thunderbird.show();
    await thunderbird.show({headerMessageId: ""});
    assert.deepEqual(calls, []);
});

test("who scrolls past emails asks about the last one alone", async () => {
    const calls = makeOdoo((ids) => [{message_id: ids[0], emails: []}]);
    const thunderbird = await start();
    const first = thunderbird.show(OFFER);
    const second = thunderbird.show({headerMessageId: "last@x.example"});
    await Promise.all([first, second]);
    assert.deepEqual(
        calls.map((call) => JSON.parse(call.body).message_ids),
        [["last@x.example"]]
    );
});

test("a late answer says nothing about the email that is shown by then", async () => {
    let answer = null;
    makeOdoo((ids) =>
        ids[0] === "offer@x.example"
            ? new Promise((resolve) => {
                  answer = () => resolve(emails(record("Late")));
              })
            : [{message_id: ids[0], emails: []}]
    );
    const thunderbird = await start();
    const first = thunderbird.show(OFFER);
    await new Promise((resolve) => setTimeout(resolve, 350));
    await thunderbird.show({headerMessageId: "last@x.example"});
    answer();
    await first;
    assert.match(thunderbird.button[1].title, /^Not attached/);
    assert.equal(thunderbird.button[1].badge, "");
});

test("what goes wrong is said in words", async () => {
    const sentences = {401: /API key/, 403: /may not read/, 404: /add-on/, 500: /500/};
    for (const [status, sentence] of Object.entries(sentences)) {
        makeOdoo(() => Number(status));
        const thunderbird = await start();
        await thunderbird.show(OFFER);
        assert.match(thunderbird.button[1].title, sentence);
        assert.equal(thunderbird.button[1].badge, "!");
    }
    const thunderbird = await start();
    globalThis.fetch = () => Promise.reject(new TypeError("refused"));
    await thunderbird.show(OFFER);
    assert.match(thunderbird.button[1].title, /cannot be reached at https:/);
});

test("an answer that is none does no harm", async () => {
    for (const junk of [{}, null, [], "x", [{}, {}]]) {
        makeOdoo(() => junk);
        const thunderbird = await start();
        await thunderbird.show(OFFER);
        assert.match(thunderbird.button[1].title, /error/);
    }
    makeOdoo(() => [{emails: "x"}]);
    const thunderbird = await start();
    await thunderbird.show(OFFER);
    assert.match(thunderbird.button[1].title, /^Not attached/);
});

test("the key opens the archive dialog of the shown email", async () => {
    const thunderbird = await start();
    const {onCommand} = thunderbird.messenger.commands;
    thunderbird.shown[1] = [{headerMessageId: "a+b&c@x.example"}];
    await onCommand.happen("archive", TAB);
    assert.deepEqual(thunderbird.opened, [
        "https://odoo.example.com/mail_mailbox_archive/archive?message_id=a%2Bb%26c%40x.example",
    ]);
    // none is shown: the one that is selected
    thunderbird.shown[1] = [];
    thunderbird.selected = [OFFER];
    await onCommand.happen("archive", TAB);
    assert.match(thunderbird.opened[1], /offer%40x\.example$/);
    await onCommand.happen("other", TAB);
    assert.equal(thunderbird.opened.length, 2);
});

test("the menu of the list opens each selected email, up to ten", async () => {
    const thunderbird = await start();
    const {onClicked, onShown} = thunderbird.messenger.menus;
    assert.equal(thunderbird.menu.title, "Archive in Odoo");
    assert.deepEqual(thunderbird.menu.contexts, ["message_list"]);
    for (const [count, enabled] of [
        [0, false],
        [1, true],
        [10, true],
        [11, false],
    ]) {
        const messages = Array(count).fill(OFFER);
        await onShown.happen({menuIds: ["archive"], selectedMessages: {messages}});
        assert.equal(thunderbird.menu.enabled, enabled);
    }
    await onShown.happen({menuIds: []});
    await onClicked.happen({
        menuItemId: "archive",
        selectedMessages: {messages: [OFFER, {headerMessageId: "b@x.example"}]},
    });
    assert.equal(thunderbird.opened.length, 2);
});

test("without an Odoo the settings are opened", async () => {
    const thunderbird = await start({});
    thunderbird.shown[1] = [OFFER];
    await thunderbird.messenger.commands.onCommand.happen("archive", TAB);
    assert.equal(thunderbird.optionsOpened, 1);
    assert.deepEqual(thunderbird.opened, []);
});
