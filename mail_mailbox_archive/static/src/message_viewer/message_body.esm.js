import {Component, onWillUnmount, useEffect, useRef, useState} from "@odoo/owl";
import {askedWords, markPage} from "./search_words.esm";
import {framePage} from "./frame_page.esm";
import {isDark} from "./dark.esm";

const SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
/** Height in pixels from which a body scrolls in its frame. */
const MAX_HEIGHT = 30000;
/** A body that follows the height of its frame would grow for ever. */
const MAX_CHANGES = 60;

/** Whether the browser can load a frame without any cookie. */
export function canLoadWithoutSession() {
    return "credentialless" in HTMLIFrameElement.prototype;
}

/**
 * Return the address of a message's body.
 *
 * @param {Object} data of the message, see get_view_data
 * @param {Object} [options] for the query
 */
export function bodyUrl(data, options = {}) {
    const token = data.token && canLoadWithoutSession() ? `/${data.token}` : "";
    const attached = data.part ? {part: data.part, inner: data.inner} : {};
    const query = new URLSearchParams({...attached, ...options}).toString();
    return `/mail_mailbox_archive/body/${data.id}${token}${query ? `?${query}` : ""}`;
}

/**
 * The body of a message in its frame.
 *
 * Nothing in the frame runs. It has our origin only to be measured, so it is as high
 * as its content; with pictures from outside it has that origin in browsers that load
 * it without cookies. In others it is nobody's, cannot be measured, and scrolls.
 */
export class MessageBody extends Component {
    static template = "mail_mailbox_archive.MessageBody";
    static props = {
        data: Object,
        onRemote: {type: Function, optional: true},
    };

    setup() {
        this.frame = useRef("frame");
        this.state = useState({loading: true, scrolls: false});
        this.changes = 0;
        useEffect(
            () => this.load(),
            () => [bodyUrl(this.props.data)]
        );
        onWillUnmount(() => this.observer?.disconnect());
    }

    load() {
        const frame = this.frame.el;
        this.observer?.disconnect();
        this.state.loading = true;
        frame.setAttribute("sandbox", SANDBOX);
        if (canLoadWithoutSession()) {
            frame.credentialless = Boolean(this.props.data.token);
        }
        frame.src = bodyUrl(this.props.data, isDark(frame) ? {dark: 1} : {});
    }

    onLoad() {
        const page = framePage(this.frame.el);
        this.state.loading = false;
        this.state.scrolls = !page;
        if (!page) {
            return;
        }
        this.changes = 0;
        page.root.style.overflowY = "hidden";
        this.props.onRemote?.(Number(page.root.dataset.remote));
        markPage(page, askedWords(this.env.searchModel));
        page.view.addEventListener("keydown", (ev) => this.passOn(ev));
        this.observer = new ResizeObserver(() => this.fit(page));
        this.observer.observe(page.content);
        this.fit(page);
    }

    fit(page) {
        const frame = this.frame.el;
        if (!frame || this.changes > MAX_CHANGES) {
            return;
        }
        const height = Math.min(contentHeight(page), MAX_HEIGHT);
        if (Math.abs(frame.clientHeight - height) > 1) {
            this.changes++;
            frame.style.height = `${height}px`;
        }
        page.root.style.overflowY = height < MAX_HEIGHT ? "hidden" : "auto";
    }

    /** The keys of the list work also when the reader has clicked into the mail. */
    passOn(ev) {
        const {key, code, altKey, ctrlKey, metaKey, shiftKey} = ev;
        const init = {key, code, altKey, ctrlKey, metaKey, shiftKey, bubbles: true};
        this.frame.el?.dispatchEvent(new KeyboardEvent("keydown", init));
    }
}

/** What the frame has to be as high as, not counting the height it has. */
function contentHeight(page) {
    const style = page.view.getComputedStyle(page.body);
    const around = ["paddingBottom", "marginBottom"]
        .map((name) => parseFloat(style[name]) || 0)
        .reduce((sum, one) => sum + one, 0);
    const bottom = page.content.getBoundingClientRect().top + page.content.scrollHeight;
    const bar = page.root.scrollWidth > page.root.clientWidth;
    return Math.ceil(bottom + page.view.scrollY + around) + (bar ? 18 : 0);
}
