import {ClipboardPlugin} from "@html_editor/core/clipboard_plugin";
import {cleanPasted} from "./paste.esm";

const SPANS = ["colspan", "rowspan"];

/** Keeps lists and tables of office programs when they are pasted into a mail. */
export class ComposeClipboardPlugin extends ClipboardPlugin {
    prepareClipboardData(html) {
        return super.prepareClipboardData(html && cleanPasted(html));
    }

    cleanForPaste(node) {
        const spans =
            ["TD", "TH"].includes(node.nodeName) &&
            SPANS.map((name) => [name, parseInt(node.getAttribute(name), 10)]);
        super.cleanForPaste(node);
        for (const [name, number] of spans || []) {
            if (number > 1) {
                node.setAttribute(name, number);
            }
        }
    }
}
