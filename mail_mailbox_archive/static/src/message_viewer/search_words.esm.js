/**
 * The words that a search asks for, and where they stand in a text.
 *
 * As the server takes a search apart (mailcore/read/query.py), as far as it is shown.
 */

/** Fields of the search box whose words are marked where they stand. */
const FIELDS = ["content", "mailbox_message_id", "subject", "email_from", "email_to"];
const TERM =
    /(-(?=[\p{L}"]))?(?:(from|to|subject|has|before|after):)?(?:"([^"]*)"?|(\S+))/giu;
const WORD = /[\p{L}\p{N}]+/gu;
/** Letters that have no mark which could be taken off. */
const PLAIN = {
    ł: "l",
    ø: "o",
    đ: "d",
    ð: "d",
    ħ: "h",
    ı: "i",
    ß: "ss",
    æ: "ae",
    œ: "oe",
};
const PLAINED = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "g");
/** What a browser is asked to mark at most. */
const MAX_MARKS = 1000;

function fold(word) {
    return word
        .toLowerCase()
        .normalize("NFKD")
        .replace(/[\u0300-\u036f]/g, "")
        .replace(PLAINED, (letter) => PLAIN[letter]);
}

/** Return the words that `text` asks for, as they are compared. */
export function wordsOf(text) {
    const words = new Set();
    for (const [, not, operator, phrase, word] of text.matchAll(TERM)) {
        if (not || ["has", "before", "after"].includes(operator?.toLowerCase())) {
            continue;
        }
        for (const [found] of (phrase ?? word).matchAll(WORD)) {
            const folded = fold(found);
            if (folded.length > 1) {
                words.add(folded);
            }
        }
    }
    return [...words];
}

/** Return the words that are asked for by the search box of a list. */
export function askedWords(searchModel) {
    const words = new Set();
    for (const {searchItemId, autocompleteValue} of searchModel?.query || []) {
        const item = searchModel.searchItems[searchItemId];
        if (item?.type === "field" && FIELDS.includes(item.fieldName)) {
            for (const word of wordsOf(String(autocompleteValue?.value ?? ""))) {
                words.add(word);
            }
        }
    }
    return [...words];
}

/** Return where words of `text` begin with one of `words`, as [start, end]. */
export function findWords(text, words) {
    const found = [];
    for (const match of words.length ? text.matchAll(WORD) : []) {
        const folded = fold(match[0]);
        if (words.some((word) => folded.startsWith(word))) {
            found.push([match.index, match.index + match[0].length]);
        }
    }
    return found;
}

/** Return `text` in pieces, those that were searched for as a `hit`. */
export function markWords(text, words) {
    const pieces = [];
    let at = 0;
    for (const [start, end] of findWords(text, words)) {
        if (start > at) {
            pieces.push({text: text.slice(at, start), hit: false});
        }
        pieces.push({text: text.slice(start, end), hit: true});
        at = end;
    }
    if (at < text.length) {
        pieces.push({text: text.slice(at), hit: false});
    }
    return pieces;
}

/**
 * Mark words on the page of a frame, without changing the page.
 *
 * @param {Object} page see framePage
 * @param {String[]} words
 * @returns {Number} how many were marked
 */
export function markPage(page, words) {
    const {Highlight, CSS} = page.view;
    if (!words.length || !Highlight || !CSS?.highlights) {
        return 0;
    }
    const highlight = new Highlight();
    // our own page makes the walker: a mail may name elements as it likes
    const walker = document.createTreeWalker(page.content, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() && highlight.size < MAX_MARKS) {
        const node = walker.currentNode;
        for (const [start, end] of findWords(node.data, words)) {
            const range = new page.view.Range();
            range.setStart(node, start);
            range.setEnd(node, end);
            highlight.add(range);
        }
    }
    CSS.highlights.set("o-mailbox-search", highlight);
    return highlight.size;
}
