import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const DRAFT = "mail.mailbox.draft";
const VIEWS = [[false, "form"]];
/** Milliseconds after which the form is got ready, once a list of mail rests. */
const REST = 1500;
const TITLES = {
    new: _t("New email"),
    reply: _t("Reply"),
    reply_all: _t("Reply to all"),
    forward: _t("Forward"),
};

/**
 * Opens the form to write a mail, from wherever messages are shown.
 *
 * answer(messageId, mode, {mailboxId, onClose}): mode is reply, reply_all or forward
 * write({resModel, resId, mailboxId, onClose}): a new mail, from a record or from nowhere
 * resume(draftId, {onClose}): go on with a draft
 * prepare(): have the form at hand before somebody writes
 *
 * The form opens at once: the draft is begun and read by one call of its model, which
 * takes here what is to be begun.
 */
export const composeService = {
    dependencies: ["action", "view"],
    start(env, {action, view}) {
        const begun = new Map();

        function open(mode, resId, context, onClose) {
            const description = {
                type: "ir.actions.act_window",
                name: TITLES[mode].toString(),
                res_model: DRAFT,
                res_id: resId,
                views: VIEWS,
                target: "new",
                context: {dialog_size: "extra-large", ...context},
            };
            return action.doAction(description, {onClose});
        }
        function begin(mode, values, onClose) {
            const key = begun.size + 1;
            begun.set(key, {mode, ...values});
            return open(mode, false, {mailbox_begun: key}, onClose);
        }
        const answer = (messageId, mode, {mailboxId = false, onClose} = {}) =>
            begin(mode, {message_id: messageId, mailbox_id: mailboxId}, onClose);
        const write = ({resModel, resId, mailboxId, onClose} = {}) =>
            begin(
                "new",
                {
                    res_model: resModel || false,
                    res_id: resId || false,
                    mailbox_id: mailboxId || false,
                },
                onClose
            );
        const resume = (draftId, {onClose} = {}) => open("new", draftId, {}, onClose);
        /** Return what the form of ``context`` is to begin, once. */
        function take(context) {
            const values = begun.get(context.mailbox_begun);
            begun.set(context.mailbox_begun, null);
            return values;
        }
        function prepare() {
            const timer = browser.setTimeout(
                () => view.loadViews({resModel: DRAFT, views: VIEWS, context: {}}),
                REST
            );
            return () => browser.clearTimeout(timer);
        }
        return {answer, write, resume, take, prepare};
    },
};

registry.category("services").add("mailbox_compose", composeService);
