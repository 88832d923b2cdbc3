import {_t} from "@web/core/l10n/translation";
import {formatList} from "@web/core/l10n/utils/format_list";
import {registry} from "@web/core/registry";

/** On the bus of the web client: something was done with emails on this screen. */
export const WORKED = "MAILBOX-WORKED";
const ARRIVAL = "mail.mailbox.arrival";

/**
 * What people do with the emails of a mailbox, wherever they do it.
 *
 * All of it takes ids of lines of the Queue.
 *
 * take(ids) - have them; says who has those that somebody has already
 * give(ids, userId) - to somebody, or with false to nobody
 * people(ids) - whom they can be given to
 */
export const teamService = {
    dependencies: ["orm", "notification"],
    start(env, {orm, notification}) {
        async function act(method, ids, ...args) {
            const result = await orm.call(ARRIVAL, method, [ids, ...args]);
            env.bus.trigger(WORKED);
            return result;
        }

        async function take(ids) {
            const {others} = await act("action_take", ids);
            if (others.length) {
                notification.add(_t("%s has it already.", formatList(others)), {
                    type: "warning",
                });
            }
        }

        return {
            take,
            give: (ids, userId) => act("action_give", ids, userId),
            people: (ids) => orm.call(ARRIVAL, "get_team_people", [ids]),
            read: (ids) => orm.silent.call(ARRIVAL, "get_team", [ids]),
        };
    },
};

registry.category("services").add("mailbox_team", teamService);
