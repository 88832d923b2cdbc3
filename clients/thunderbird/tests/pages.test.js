import assert from "node:assert/strict";
import test from "node:test";
import {makeOdoo, makePage, makeThunderbird, run} from "./stub.js";

const SETTINGS = {address: "https://odoo.example.com", database: "", key: "k3y"};
const ORIGIN = "https://odoo.example.com/*";
const HOSTILE = `<img src=x onerror="alert(1)">`;

async function openPopup(answer, kept = SETTINGS) {
    const calls = makeOdoo(answer);
    const thunderbird = makeThunderbird(kept);
    thunderbird.origins.add(ORIGIN);
    thunderbird.shown[1] = [{headerMessageId: "offer@x.example"}];
    const find = makePage();
    await run("pages/popup.js");
    return {calls, find, thunderbird};
}

async function openOptions(kept = {}, answer = () => []) {
    const calls = makeOdoo(answer);
    const thunderbird = makeThunderbird(kept);
    const find = makePage();
    await run("pages/options.js");
    const fill = (values) => {
        for (const [id, value] of Object.entries(values)) {
            find(id).value = value;
        }
        return find("form").do("submit");
    };
    return {calls, fill, find, thunderbird};
}

test("the popup lists records as links, and deleted ones without", async () => {
    const records = [
        {
            name: HOSTILE,
            res_model: "res.partner",
            res_id: 7,
            path: "/mail/view?res_id=7",
        },
        {name: "Crane", res_model: "project.task", res_id: 8, path: ""},
        {name: "Evil", res_model: "x", res_id: 9, path: "//evil.example/"},
    ];
    const {find, thunderbird} = await openPopup(() => [{emails: [{id: 1, records}]}]);
    const [link, gone, evil] = find("records").children;
    assert.equal(link.children[0].textContent, HOSTILE);
    assert.equal(link.children[0].href, "https://odoo.example.com/mail/view?res_id=7");
    assert.equal(gone.textContent, "Crane (deleted)");
    assert.deepEqual(evil.children, []);
    assert.equal(find("status").textContent, "Attached to");
    assert.equal(find("several").hidden, true);
    await link.children[0].do("click");
    await find("archive").do("click");
    assert.deepEqual(thunderbird.opened, [
        "https://odoo.example.com/mail/view?res_id=7",
        "https://odoo.example.com/mail_mailbox_archive/archive?message_id=offer%40x.example",
    ]);
});

test("the popup says that several emails have one Message-ID", async () => {
    const email = {records: [{name: "A", res_model: "m", res_id: 1, path: "/x"}]};
    const {find} = await openPopup(() => [{emails: [email, email]}]);
    assert.equal(find("several").hidden, false);
    assert.equal(find("records").children.length, 1);
});

test("the popup offers the settings where Odoo cannot be asked", async () => {
    const {calls, find, thunderbird} = await openPopup(() => [], {});
    assert.match(find("status").textContent, /Set up/);
    assert.equal(find("archive").hidden, true);
    assert.equal(find("settings").hidden, false);
    await find("settings").do("click");
    assert.equal(thunderbird.optionsOpened, 1);
    assert.deepEqual(calls, []);
});

test("settings are kept once Thunderbird may ask that host, and tried", async () => {
    const {calls, fill, find, thunderbird} = await openOptions();
    await fill({address: "odoo.example.com", database: " db ", key: " k3y "});
    assert.deepEqual(thunderbird.asked, [ORIGIN]);
    assert.deepEqual(thunderbird.kept, {...SETTINGS, database: "db"});
    assert.equal(find("status").textContent, "Saved. Odoo answers.");
    assert.equal(calls[0].headers["X-Odoo-Database"], "db");
    assert.equal(calls[0].body, '{"message_ids":[]}');
    // the key is not shown again
    assert.equal(find("key").value, "");
});

test("nothing is kept of an address without https, nor without permission", async () => {
    const {calls, fill, find, thunderbird} = await openOptions();
    await fill({address: "http://odoo.example.com", key: "k3y"});
    assert.match(find("status").textContent, /https/);
    await fill({address: "odoo.example.com", key: ""});
    assert.match(find("status").textContent, /API key/);
    thunderbird.answersRequest = false;
    await fill({address: "odoo.example.com", key: "k3y"});
    assert.match(find("status").textContent, /Not saved/);
    assert.deepEqual(thunderbird.kept, {});
    assert.deepEqual(calls, []);
});

test("a key is kept for its own Odoo alone", async () => {
    const {calls, fill, find, thunderbird} = await openOptions(SETTINGS);
    thunderbird.origins.add(ORIGIN);
    assert.match(find("key").placeholder, /Stored/);
    await fill({address: "https://odoo.example.com", database: "db"});
    assert.equal(thunderbird.kept.key, "k3y");
    calls.length = 0;
    await fill({address: "https://evil.example", key: ""});
    assert.match(find("status").textContent, /API key of this Odoo/);
    assert.deepEqual(calls, []);
    await fill({address: "https://new.example", key: "n3w"});
    assert.deepEqual([...thunderbird.origins], ["https://new.example/*"]);
});

test("settings, key and permission can be removed", async () => {
    const {find, thunderbird} = await openOptions(SETTINGS);
    thunderbird.origins.add(ORIGIN);
    await find("forget").do("click");
    assert.deepEqual(thunderbird.kept, {});
    assert.equal(thunderbird.origins.size, 0);
    assert.equal(find("address").value, "");
});

test("a wrong key is said after saving", async () => {
    const {fill, find} = await openOptions({}, () => 401);
    await fill({address: "odoo.example.com", key: "wrong"});
    assert.match(find("status").textContent, /does not accept the API key/);
});
