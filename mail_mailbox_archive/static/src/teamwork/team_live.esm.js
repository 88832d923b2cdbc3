import {onWillUnmount} from "@odoo/owl";
import {WORKED} from "./team_service.esm";
import {refreshList} from "../mail_list/mail_list_live.esm";
import {browser} from "@web/core/browser/browser";
import {useBus, useService} from "@web/core/utils/hooks";

/** Milliseconds in which news of several changes are taken together. */
const PAUSE = 200;

/**
 * Call `refresh` when somebody did something with the emails of a mailbox.
 *
 * @param {Component} component
 * @param {Function} concerns whether a mailbox, by its id, is on the screen
 * @param {Function} refresh handed what was done here, if it was: `moved` says that
 *     lines may leave the list
 */
export function useTeamNews(component, concerns, refresh) {
    const bus = useService("bus_service");
    let timer = null;
    const soon = () => {
        timer =
            timer ||
            browser.setTimeout(() => {
                timer = null;
                return refresh();
            }, PAUSE);
    };
    const onWorked = ({mailbox_id}) => concerns(mailbox_id) && soon();
    bus.subscribe("mail_mailbox_archive/worked", onWorked);
    useBus(component.env.bus, WORKED, ({detail}) => refresh(detail));
    onWillUnmount(() => {
        bus.unsubscribe("mail_mailbox_archive/worked", onWorked);
        browser.clearTimeout(timer);
    });
}

/**
 * Keep on the lines of the Queue who has them. They stay where they are: a line that no
 * longer meets the filter goes when the list is loaded next.
 *
 * @param {MailListController} controller
 */
export function useTeamOfLines(controller) {
    if (controller.props.resModel !== "mail.mailbox.arrival") {
        return;
    }
    const team = useService("mailbox_team");
    const orm = useService("orm");
    const ofMailbox = (line, id) => line.data.mailbox_id?.id === id;
    useTeamNews(
        controller,
        // news may come before the first page
        (id) =>
            controller.model.isReady &&
            controller.lines.some((line) => ofMailbox(line, id)),
        async ({moved, ids: done} = {}) => {
            if (!controller.model.isReady) {
                return;
            }
            if (moved) {
                // one's own doing: the line goes at once where it is not listed any more
                await refreshList(controller, done);
                return;
            }
            const ids = controller.lines.map((line) => line.resId);
            const [rows, counted] = await Promise.all([
                team.read(ids),
                countLines(orm, controller.model, ids),
            ]);
            const byId = new Map(rows.map((row) => [row.id, row.team]));
            const archived = new Set();
            for (const line of controller.lines) {
                const now = byId.get(line.resId);
                if (now) {
                    if (now.archived !== line.data.team?.archived) {
                        archived.add(line.resId);
                    }
                    line.data.team = now;
                }
                if (counted[line.resId]) {
                    const {last, unread_ids, incoming} = line.data.conversation_line;
                    // what is done with a line is done with what was seen of it
                    const seen = {last, unread_ids, incoming};
                    line.data.conversation_line = {...counted[line.resId], ...seen};
                }
            }
            controller.render(true);
            if (archived.size) {
                await refreshList(controller);
            }
            if (archived.has(controller.state.openId)) {
                controller.state.revision++;
            }
        }
    );
}

/** What lines say of their conversations now, by id; nothing of a list of emails. */
function countLines(orm, {root, showsConversations}, ids) {
    const {resModel, domain, context} = root;
    return showsConversations
        ? orm.silent.call(resModel, "get_conversation_lines", [domain, ids], {context})
        : {};
}
