import {useExternalListener} from "@odoo/owl";
import {KeysDialog} from "./keys_dialog.esm";
import {useService} from "@web/core/utils/hooks";

/**
 * The keys of a mail list: they work while the view has the focus, or nothing has.
 *
 * Not Odoo's hotkeys: those know no "?" and no "/", and act wherever the focus is.
 *
 * @param {{el: HTMLElement}} root of the view, a list or the page of a message
 * @param {Object<String, Function>} actions by key
 */
export function useMailListKeys(root, actions) {
    const ui = useService("ui");
    const dialog = useService("dialog");
    const keys = {...actions, "?": () => dialog.add(KeysDialog)};
    const listen = (ev) => {
        const action = keys[keyOf(ev)] || keys[ev.key.toLowerCase()];
        if (action && isOurs(ev, root.el, ui.activeElement)) {
            ev.preventDefault();
            ev.stopPropagation();
            action();
        }
    };
    // before the list itself, which opens a line on Enter once more
    useExternalListener(document, "keydown", listen, {capture: true});
}

/** The key that is pressed: a capital with Shift, whatever Caps Lock says. */
function keyOf({key, shiftKey}) {
    if (key.length > 1) {
        return shiftKey && key.startsWith("Arrow") ? "" : key;
    }
    return shiftKey ? key.toUpperCase() : key.toLowerCase();
}

function isOurs(ev, root, activeElement) {
    const {target} = ev;
    const within = root?.contains(target) || target === document.body;
    const modified = ev.ctrlKey || ev.altKey || ev.metaKey;
    return within && !modified && activeElement === document && !takesText(ev, target);
}

/** Whether the element has a use of its own for the key. */
function takesText(ev, target) {
    const moves = ev.key.startsWith("Arrow");
    if ((moves || ev.key === "Escape") && document.querySelector(".o-dropdown--menu")) {
        return true;
    }
    if (moves && target.matches("input[type=radio]")) {
        return true;
    }
    if (ev.key === "Enter") {
        const other = ".o_data_row:not(.o-mailbox-MailList-open)";
        const box = target.closest(".o_list_record_selector");
        return Boolean(
            target.closest(`a, button, textarea, summary, ${other}`) ||
                (!box && target.closest("input"))
        );
    }
    return (
        target.isContentEditable ||
        target.matches("textarea, select, input:not([type=checkbox], [type=radio])")
    );
}
