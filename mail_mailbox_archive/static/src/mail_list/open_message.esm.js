import {onMounted, onWillStart} from "@odoo/owl";
import {pick} from "@web/core/utils/objects";
import {router} from "@web/core/browser/router";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

/** What the line of an open message is called in the address of a list of its model. */
const KEYS = {
    "mail.mailbox.arrival": "email",
    "mail.mailbox.message": "archived_email",
};

/**
 * Keep the open message of a list, and one's place in it.
 *
 * The message stands in the address, so it survives a reload and the browser's Back;
 * one's place survives that the line goes, as one that was archived does.
 *
 * @param {Component} controller of a list, whose state has openId, messageId, mailboxId
 */
export function useOpenMessage(controller) {
    const orm = useService("orm");
    const {env, props, state} = controller;
    const key = KEYS[props.resModel];
    let order = [];

    function note(options) {
        router.replaceState({[key]: state.openId || undefined}, options);
    }

    /** Remember that a line is open now, and the lines around it. */
    function opened(lines) {
        order = lines.map((line) => line.resId);
        if (key && !env.inDialog) {
            note({sync: true});
        }
    }

    /** Return the line `step` after the open one, also when that is gone. */
    function neighbour(lines, step) {
        const ids = lines.map((line) => line.resId);
        const at = lines.indexOf(controller.openLine);
        if (at >= 0) {
            return lines[at + step];
        }
        const from = order.indexOf(state.openId);
        if (from < 0) {
            return lines[0];
        }
        const ahead = step > 0 ? order.slice(from) : order.slice(0, from).reverse();
        const next = ahead.find((id) => ids.includes(id));
        return next ? lines[ids.indexOf(next)] : lines.at(step > 0 ? -1 : 0);
    }

    async function findInAddress() {
        const id = Number(router.current[key]);
        if (!id || props.resModel === "mail.mailbox.message") {
            return id && {openId: id, messageId: id, mailboxId: false};
        }
        const [line] = await orm.silent
            .webSearchRead(props.resModel, [["id", "=", id]], {
                specification: {mailbox_message_id: {}, mailbox_id: {}},
                limit: 1,
            })
            .then(({records}) => records);
        return (
            line && {
                openId: id,
                messageId: line.mailbox_message_id,
                mailboxId: line.mailbox_id,
            }
        );
    }

    if (key && !env.inDialog && !env.isSmall) {
        useSetupAction({
            getLocalState: () => ({
                openMessage: pick(state, "openId", "messageId", "mailboxId"),
            }),
        });
        onWillStart(async () => {
            const before = props.state?.openMessage || (await findInAddress());
            Object.assign(state, before || {});
        });
        // together with the address of the list, which is written after it is mounted
        onMounted(() => note());
    }
    return {neighbour, opened};
}
