import assert from "node:assert/strict";
import test from "node:test";
import {archiveAddress, originsOf, readAddress, recordAddress} from "../lib/address.js";

/** What would run in a page, were it opened. */
const script = (rest) => ["javascript", rest].join(":");

test("an Odoo is reached by https, and by http on this computer alone", () => {
    const written = {
        "https://odoo.example.com": "https://odoo.example.com",
        " https://odoo.example.com/odoo/contacts?debug=1 ": "https://odoo.example.com",
        "odoo.example.com": "https://odoo.example.com",
        "odoo.example.com:8443/": "https://odoo.example.com:8443",
        "http://localhost:8069": "http://localhost:8069",
        "http://127.0.0.1:8069": "http://127.0.0.1:8069",
        "http://odoo.example.com": "",
        "http://localhost.example.com": "",
        "http://127.0.0.1.example.com": "",
        "https://anna:secret@odoo.example.com": "",
        "ftp://odoo.example.com": "",
        "file:///etc/passwd": "",
        [script("alert(1)")]: "",
        [script("//odoo.example.com/%0aalert(1)")]: "",
        "": "",
        "https://": "",
        "no address": "",
    };
    for (const [text, address] of Object.entries(written)) {
        assert.equal(readAddress(text), address, text);
    }
});

test("the permission is for that one host", () => {
    assert.deepEqual(originsOf("https://odoo.example.com:8443"), {
        origins: ["https://odoo.example.com/*"],
    });
    assert.deepEqual(originsOf("http://localhost:8069"), {
        origins: ["http://localhost/*"],
    });
});

test("a Message-ID stays one value of the address, whatever is in it", () => {
    for (const id of [
        "a+b@x.example",
        "a&archive=1#x@y",
        `"><script>alert(1)</script>`,
        "a\r\nSet-Cookie: x=y",
        "100%@x",
        "zażółć@x",
    ]) {
        const url = new URL(archiveAddress("https://odoo.example.com", id));
        assert.equal(url.origin, "https://odoo.example.com");
        assert.equal(url.pathname, "/mail_mailbox_archive/archive");
        assert.equal(url.hash, "");
        assert.deepEqual([...url.searchParams], [["message_id", id]]);
    }
});

test("a record is on the same Odoo, or has no address", () => {
    const base = "https://odoo.example.com";
    const path = "/mail/view?model=res.partner&res_id=7";
    assert.equal(recordAddress(base, path), base + path);
    for (const wrong of [
        "",
        null,
        7,
        "//evil.example/x",
        "/\\evil.example",
        script("alert(1)"),
        "https://evil.example/",
        "mail/view",
    ]) {
        assert.equal(recordAddress(base, wrong), "", String(wrong));
    }
});
