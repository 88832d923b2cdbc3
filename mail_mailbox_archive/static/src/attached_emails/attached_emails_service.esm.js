import {_t} from "@web/core/l10n/translation";
import {reactive} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {rpcBus} from "@web/core/network/rpc";
import {session} from "@web/session";

const MODEL = "mail.mailbox.message";
const COUNT_LIMIT = 1000;

/**
 * The messages attached to records: which models hold them, how many there are, and
 * what is done with them. The tab, its number and the buttons share the counts.
 */
export const attachedEmailsService = {
    dependencies: ["action", "bus_service", "mailbox_undo", "orm"],
    start(env, {action, bus_service: bus, mailbox_undo: undo, orm}) {
        const models = new Set(session.mailbox?.models || []);
        /** "model,id" → number of messages; undefined until it is known. */
        const counts = reactive({});
        const loading = new Map();

        /** Count the messages of a record; asked several times at once, once is asked. */
        function count(resModel, resId) {
            const key = `${resModel},${resId}`;
            if (!loading.has(key)) {
                const request = orm.silent
                    .call(MODEL, "count_attached", [resModel, resId])
                    .then((number) => (counts[key] = number))
                    .finally(() => loading.delete(key));
                loading.set(key, request);
            }
            return loading.get(key);
        }

        async function list(resModel, resId, search, offset, limit) {
            const page = await orm.silent.call(MODEL, "get_attached", [
                resModel,
                resId,
                search,
                offset,
                limit,
            ]);
            if (!search) {
                counts[`${resModel},${resId}`] = page.total;
            }
            return page;
        }

        async function detach(linkId) {
            const args = [[linkId]];
            const done = await orm.call("mail.mailbox.link", "action_unfile", args);
            if (done.params) {
                undo.tell(done.params);
            }
        }

        /** Open the Archives with the messages of one record. */
        async function openAll(resModel, resId) {
            const domain = [["link_ids", "any", onRecord(resModel, resId)]];
            const description = await action.loadAction(
                "mail_mailbox_archive.mail_mailbox_message_action"
            );
            return action.doAction({
                ...description,
                name: _t("Attached - Emails"),
                domain,
                path: undefined,
            });
        }

        if (session.mailbox) {
            // forms have the tab, or not, from the next one that is opened
            bus.subscribe("mail_mailbox_archive/record_types", () =>
                rpcBus.trigger("CLEAR-CACHES", "get_views")
            );
        }
        return {counts, models, count, list, detach, openAll};
    },
};

/** Write out a number of messages; the server counts no further than the limit. */
export function formatCount(number) {
    return number >= COUNT_LIMIT ? `${COUNT_LIMIT - 1}+` : String(number);
}

/** The domain of the links of one record. */
export function onRecord(resModel, resId) {
    return [
        ["res_model", "=", resModel],
        ["res_id", "=", resId],
        ["record_state", "=", "there"],
    ];
}

registry.category("services").add("mailbox_attached_emails", attachedEmailsService);
