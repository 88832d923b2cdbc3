import {reactive, status, useComponent} from "@odoo/owl";
import {ComposeDock} from "./compose_dock.esm";
import {Deferred} from "@web/core/utils/concurrency";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

export const DRAFT = "mail.mailbox.draft";
/** Milliseconds after which the form is got ready, once a list of mail rests. */
const REST = 1500;
const TITLES = {
    new: _t("New email"),
    reply: _t("Reply"),
    reply_all: _t("Reply to all"),
    forward: _t("Forward"),
};

/**
 * Opens the form to write a mail, from wherever messages are shown: in a window at the
 * edge of the screen, so that one reads on while writing. There may be several.
 *
 * answer(messageId, mode, {mailboxId, onClose}): mode is reply, reply_all or forward
 * write({resModel, resId, mailboxId, onClose}): a new mail, from a record or from nowhere
 * resume(draftId, {onClose, mode, isFresh}): go on with a draft; a fresh one goes again
 *     if nobody writes on it
 * focus(): go to the window that was used last; returns whether there is one
 * prepare(): have the form at hand before somebody writes
 *
 * The form opens at once: the draft is begun and read by one call of its model, which
 * asks here for what is to be begun.
 */
export const composeService = {
    dependencies: ["orm", "view"],
    start(env, {orm, view}) {
        // from the oldest to the newest
        const dock = reactive({windows: []});
        let last = 0;
        // what the form shows, as it asked for it before
        let known = null;
        registry
            .category("main_components")
            .add(
                "mailbox_compose_dock",
                {Component: ComposeDock, props: {dock, close, show}},
                {sequence: 10, force: true}
            );

        /** Begin an email, once, however often its form is drawn meanwhile. */
        function read(one, specification) {
            one.reading ||= orm.call(DRAFT, "begin", [], {specification, ...one.begun});
            // whoever waits for it is told what is wrong
            one.reading.catch(() => undefined);
            return one.reading;
        }
        const discard = ([{id}]) => orm.call(DRAFT, "action_discard", [[id]]);
        function show(one) {
            one.folded = false;
            one.used = ++last;
        }
        function close(one) {
            const at = dock.windows.findIndex(({id}) => id === one.id);
            if (at >= 0) {
                dock.windows.splice(at, 1);
                one.opened.resolve();
                if (one.reading && !one.resId) {
                    // closed before it was there
                    one.reading.then(discard, () => undefined);
                }
                one.onClose?.();
            }
        }
        function open(mode, resId, begun, onClose, isFresh = false) {
            const there = resId && dock.windows.find((one) => one.resId === resId);
            if (there) {
                show(there);
                return Promise.resolve(there.reload?.());
            }
            const opened = new Deferred();
            const id = ++last;
            const one = {
                id,
                begun,
                isFresh,
                resId,
                title: TITLES[mode].toString(),
                folded: false,
                used: id,
                opened,
                onClose,
            };
            if (begun && known) {
                // while its form is drawn
                read(one, known);
            }
            dock.windows.push(one);
            return opened;
        }
        const answer = (messageId, mode, {mailboxId = false, onClose} = {}) =>
            open(
                mode,
                false,
                {mode, message_id: messageId, mailbox_id: mailboxId},
                onClose
            );
        const write = ({resModel, resId, mailboxId, onClose} = {}) =>
            open(
                "new",
                false,
                {
                    mode: "new",
                    res_model: resModel || false,
                    res_id: resId || false,
                    mailbox_id: mailboxId || false,
                },
                onClose
            );
        const resume = (draftId, {onClose, mode = "new", isFresh = false} = {}) =>
            open(mode, draftId, null, onClose, isFresh);
        const find = ({mailbox_begun: id}) => dock.windows.find((one) => one.id === id);
        /** Return what the form of `context` is to begin. */
        const take = (context) => find(context)?.begun;
        function begin(context, specification) {
            known = specification;
            return read(find(context), specification);
        }
        function focus() {
            const [one] = [...dock.windows].sort((a, b) => b.used - a.used);
            if (one) {
                show(one);
            }
            return Boolean(one);
        }
        function prepare() {
            const timer = browser.setTimeout(
                () =>
                    view.loadViews({
                        resModel: DRAFT,
                        views: [[false, "form"]],
                        context: {},
                    }),
                REST
            );
            return () => browser.clearTimeout(timer);
        }
        return {answer, write, resume, take, begin, focus, prepare};
    },
};

registry.category("services").add("mailbox_compose", composeService);

/** The service for a component, which hears of a window's end while it is there. */
export function useCompose() {
    const component = useComponent();
    const compose = useService("mailbox_compose");
    const alive = ({onClose, ...options} = {}) => ({
        ...options,
        onClose: () => status(component) !== "destroyed" && onClose?.(),
    });
    return {
        answer: (id, mode, options) => compose.answer(id, mode, alive(options)),
        write: (options) => compose.write(alive(options)),
        resume: (id, options) => compose.resume(id, alive(options)),
        focus: () => compose.focus(),
        prepare: () => compose.prepare(),
    };
}
