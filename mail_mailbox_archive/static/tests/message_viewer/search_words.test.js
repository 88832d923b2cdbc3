import {
    askedWords,
    findWords,
    markWords,
    wordsOf,
} from "@mail_mailbox_archive/message_viewer/search_words.esm";
import {describe, expect, test} from "@odoo/hoot";

describe.current.tags("headless");

test("operators, quotation marks and what must not be there are no words", () => {
    for (const [text, words] of [
        ["crane yard", ["crane", "yard"]],
        ['from:anna "crane yard" -sand has:attachment', ["anna", "crane", "yard"]],
        ["before:2026 -from:jan a", []],
        ["Żółty SO-2026", ["zolty", "so", "2026"]],
    ]) {
        expect(wordsOf(text)).toEqual(words);
    }
});

test("words are marked as they are written, from their beginning", () => {
    const text = "Żuraw, żurawie; bez Urawa";
    expect(findWords(text, ["zuraw"])).toEqual([
        [0, 5],
        [7, 14],
    ]);
    expect(markWords("The crane.", ["crane"])).toEqual([
        {text: "The ", hit: false},
        {text: "crane", hit: true},
        {text: ".", hit: false},
    ]);
    expect(markWords("The crane.", [])).toEqual([{text: "The crane.", hit: false}]);
});

test("only what was asked for in the search box is marked", () => {
    const searchModel = {
        query: [
            {searchItemId: 1, autocompleteValue: {value: "crane"}},
            {searchItemId: 2, autocompleteValue: {value: 7}},
            {searchItemId: 3},
        ],
        searchItems: {
            1: {type: "field", fieldName: "content"},
            2: {type: "field", fieldName: "mailbox_id"},
            3: {type: "filter"},
        },
    };
    expect(askedWords(searchModel)).toEqual(["crane"]);
    expect(askedWords(undefined)).toEqual([]);
});
