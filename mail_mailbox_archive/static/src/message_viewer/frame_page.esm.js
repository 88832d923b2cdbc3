/**
 * The page in the frame of a mail, asked by what no mail can answer.
 *
 * A mail names elements of its page (`<img name=getElementById>`), and a document gives
 * such an element for a property of that name, before its own (HTML, 3.1.7). So nothing
 * is read off the document itself: its class knows the way to everything.
 */

const get = (prototype, name) => Object.getOwnPropertyDescriptor(prototype, name).get;
const ROOT = get(Document.prototype, "documentElement");
const BODY = get(Document.prototype, "body");
const {querySelector} = Document.prototype;

/**
 * Return the page of a frame as far as it may be asked.
 *
 * @param {HTMLIFrameElement} frame
 * @returns {{root: HTMLElement, body: HTMLElement, content: HTMLElement,
 *     view: Window}|null} null when it is not ours to look into
 */
export function framePage(frame) {
    const page = frame.contentDocument;
    // of our own page, what comes first: a mail stands inside of it
    const content = page && querySelector.call(page, "body > #o-mailbox-body");
    if (!content) {
        return null;
    }
    return {
        root: ROOT.call(page),
        body: BODY.call(page),
        content,
        view: frame.contentWindow,
    };
}
