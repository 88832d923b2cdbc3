/** HTML from the clipboard of other programs, made what an editor understands. */

/** Programs that write lists as paragraphs: "mso-list:l0 level2 lfo1". */
const LEVEL = /mso-list:[^;]*\blevel(\d)/i;
const IGNORED = /mso-list:\s*ignore/i;
const NUMBER = /^\s*\(?(?:\d+|[a-z]{1,5})[.)]/i;
/** Styles of text that programs write at spans, and the tag that says the same. */
const TAGS = [
    ["b", ({fontWeight}) => fontWeight === "bold" || Number(fontWeight) >= 600],
    ["i", ({fontStyle}) => fontStyle === "italic"],
    ["u", ({textDecoration}) => textDecoration.includes("underline")],
    ["s", ({textDecoration}) => textDecoration.includes("line-through")],
];

const BOLD = /font-weight:\s*(?:[6-9]00|bold)/i;

function styleOf(el) {
    return el.getAttribute("style") || "";
}

/** Comments, "<o:p>" and the like: for the program that wrote them alone. */
function dropJunk(doc) {
    const walker = doc.createTreeWalker(doc, NodeFilter.SHOW_COMMENT);
    const comments = [];
    while (walker.nextNode()) {
        comments.push(walker.currentNode);
    }
    comments.forEach((comment) => comment.remove());
    for (const el of doc.body.querySelectorAll("*")) {
        const name = el.tagName.toLowerCase();
        if (name.includes(":")) {
            // a paragraph that is empty keeps its line
            el.replaceWith(...el.childNodes);
        } else if (["xml", "link", "title"].includes(name)) {
            el.remove();
        }
    }
}

function readItem(paragraph) {
    const markers = [...paragraph.querySelectorAll("[style]")].filter((el) =>
        IGNORED.test(styleOf(el))
    );
    const ordered = NUMBER.test(markers.map((el) => el.textContent).join(""));
    markers.forEach((el) => el.remove());
    const level = Number(LEVEL.exec(styleOf(paragraph))[1]);
    return {level, tag: ordered ? "ol" : "ul", nodes: [...paragraph.childNodes]};
}

/** Make lists of paragraphs that only look like one. */
function makeLists(doc) {
    let open = [];
    for (const paragraph of doc.body.querySelectorAll("p, h1, h2, h3, h4, h5, h6")) {
        if (!LEVEL.test(styleOf(paragraph))) {
            continue;
        }
        const {level, tag, nodes} = readItem(paragraph);
        const previous = paragraph.previousElementSibling;
        if (!open.length || open[0].list !== previous) {
            open = [];
        }
        while (open.length && open.at(-1).level > level) {
            open.pop();
        }
        if (open.at(-1)?.level === level && open.at(-1).tag !== tag) {
            open.pop();
        }
        let list = open.at(-1)?.level === level && open.at(-1).list;
        if (!list) {
            list = doc.createElement(tag);
            const parent = open.at(-1)?.list.lastElementChild;
            parent ? parent.append(list) : paragraph.before(list);
            open.push({level, tag, list});
        }
        const item = doc.createElement("li");
        item.append(...nodes);
        list.append(item);
        paragraph.remove();
    }
}

/** Put lists that stand beside the items of a list into the item before them. */
function nestLists(doc) {
    for (const list of doc.body.querySelectorAll(":is(ul, ol) > :is(ul, ol)")) {
        const previous = list.previousElementSibling;
        if (previous?.tagName === "LI") {
            previous.append(list);
        }
    }
}

function wrapContent(doc, el, tag) {
    const inner = doc.createElement(tag);
    inner.append(...el.childNodes);
    el.append(inner);
}

/** A sheet says by a class how a cell looks; of that, bold is kept. */
function keepBoldCells(doc) {
    const css = doc.querySelector("style")?.textContent || "";
    const rules = new Map(
        [...css.matchAll(/\.([\w-]+)\s*\{([^{}]*)\}/g)].map(([, name, rule]) => [
            name,
            rule,
        ])
    );
    for (const cell of doc.body.querySelectorAll("td[class], th[class]")) {
        if ([...cell.classList].some((name) => BOLD.test(rules.get(name)))) {
            wrapContent(doc, cell, "b");
        }
    }
    doc.querySelectorAll("style").forEach((el) => el.remove());
    doc.body.querySelectorAll("[class]").forEach((el) => el.removeAttribute("class"));
}

/** Keep bold and its like, which the editor knows as tags alone. */
function keepStyles(doc) {
    // Google Docs puts all of it into a "b" that is not bold
    for (const all of doc.body.querySelectorAll("b[id^=docs-internal-guid]")) {
        all.replaceWith(...all.childNodes);
    }
    for (const span of doc.body.querySelectorAll("span[style]")) {
        for (const [tag, says] of TAGS) {
            if (says(span.style) && !span.closest(tag)) {
                wrapContent(doc, span, tag);
            }
        }
    }
}

/** Return HTML of Word, Excel, Google Docs or LibreOffice as plain HTML. */
export function cleanPasted(html) {
    const doc = new DOMParser().parseFromString(html, "text/html");
    makeLists(doc);
    nestLists(doc);
    dropJunk(doc);
    keepBoldCells(doc);
    keepStyles(doc);
    return doc.body.innerHTML;
}
