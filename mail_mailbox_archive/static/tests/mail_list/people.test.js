import {describe, expect, mockDate, test} from "@odoo/hoot";
import {allowTranslations} from "@web/../tests/web_test_helpers";
import {formatAge} from "@mail_mailbox_archive/mail_list/mail_age_field.esm";
import {readPeople} from "@mail_mailbox_archive/mail_list/people.esm";

describe.current.tags("headless");

const {DateTime} = luxon;

test("people are read from a header as the server writes it", () => {
    for (const [value, people] of [
        ["", []],
        [false, []],
        ["a@x.example", [{name: "a@x.example", address: "a@x.example"}]],
        ["Anna <a@x.example>", [{name: "Anna", address: "a@x.example"}]],
        [
            `"Nowak, \\"Ania\\"" <a@x.example>, b@x.example`,
            [
                {name: `Nowak, "Ania"`, address: "a@x.example"},
                {name: "b@x.example", address: "b@x.example"},
            ],
        ],
        ["<a@x.example>", [{name: "a@x.example", address: "a@x.example"}]],
    ]) {
        expect(readPeople(value)).toEqual(people);
    }
});

test("what is no list of addresses ends the reading", () => {
    expect(readPeople(`a"b" <x`)).toEqual([]);
    expect(readPeople("a@x.example, ".repeat(5000)).length).toBeLessThan(200);
});

test("an age is short, and a date from a week on", () => {
    allowTranslations();
    mockDate("2026-11-21 12:00:00");
    for (const [ago, text] of [
        [{seconds: 20}, "now"],
        [{minutes: 5}, "5 min"],
        [{hours: 3}, "3 h"],
        [{days: 2}, "2 d"],
        [{days: 20}, "Nov 1"],
        [{years: 2}, "11/21/2024"],
        // a clock that is wrong
        [{minutes: -60}, "11/21/2026"],
    ]) {
        expect(String(formatAge(DateTime.now().minus(ago)))).toBe(text);
    }
});
