import {bodyUrl, canLoadWithoutSession} from "./message_body.esm";
import {browser} from "@web/core/browser/browser";

/** Milliseconds after which the page for the printer is thrown away. */
const LIFE = 120000;

/**
 * Print a message as a page of its own, with its headers above the body.
 *
 * A page whose origin is not ours cannot be told to print: it opens in a tab.
 *
 * @param {Object} data of the message, see get_view_data
 */
export function printMessage(data) {
    const url = bodyUrl(data, {print: 1});
    const stranger = data.images !== "blocked";
    if (stranger && !canLoadWithoutSession()) {
        browser.open(url, "_blank", "noopener");
        return;
    }
    const frame = document.createElement("iframe");
    frame.className = "o-mailbox-print visually-hidden";
    frame.setAttribute("sandbox", "allow-same-origin allow-modals");
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    if (canLoadWithoutSession()) {
        frame.credentialless = stranger;
    }
    frame.src = url;
    frame.onload = () => frame.contentWindow.print();
    document.body.append(frame);
    browser.setTimeout(() => frame.remove(), LIFE);
}
