import {Plugin} from "@html_editor/plugin";
import {_t} from "@web/core/l10n/translation";
import {parseHTML} from "@html_editor/utils/html";

const SHOWN = "o-mailbox-Signature";
/** Where the text of others begins, as the server finds it (signature.py). */
const QUOTES =
    "blockquote, [data-o-mail-quote-container], [data-o-mail-quote], .gmail_quote, " +
    ".o-mailbox-quote";
const ATTRIBUTION = "o-mailbox-attribution";

/**
 * Shows the signature where it will stand: under what is written, above what is
 * quoted. It is the server that puts it there when the email is sent; what is shown is
 * no part of the text, is not saved, and comes back when it is removed.
 */
export class SignaturePlugin extends Plugin {
    static id = "mailboxSignature";
    static dependencies = ["history"];
    static shared = ["showSignature"];
    resources = {
        normalize_handlers: () => this.showSignature(),
        start_edition_handlers: () => this.showSignature(),
        clean_for_save_handlers: ({root}) =>
            this.getShown(root).forEach((el) => el.remove()),
    };

    getShown(root = this.editable) {
        return [...root.querySelectorAll(`.${SHOWN}`)];
    }

    /** The node it stands before; null at the end. */
    findPlace() {
        const quote = this.editable.querySelector(QUOTES);
        const before = quote?.previousElementSibling;
        return before?.classList.contains(ATTRIBUTION) ? before : quote;
    }

    showSignature() {
        const html = (this.config.getSignature() || "").toString();
        const [shown, ...more] = this.getShown();
        const place = this.findPlace();
        const next = shown?.nextElementSibling || null;
        if (
            !more.length &&
            html === (this.html || "") &&
            Boolean(shown) === Boolean(html)
        ) {
            if (!shown || next === place) {
                return;
            }
        }
        this.html = html;
        this.dependencies.history.ignoreDOMMutations(() => {
            this.getShown().forEach((el) => el.remove());
            if (!html) {
                return;
            }
            const block = this.document.createElement("div");
            block.className = `${SHOWN} text-muted`;
            block.setAttribute("contenteditable", "false");
            block.dataset.oeProtected = "true";
            block.title = _t("The signature is added here when the email is sent.");
            block.append(parseHTML(this.document, html));
            const parent = place ? place.parentNode : this.editable;
            parent.insertBefore(block, place);
        });
    }
}
