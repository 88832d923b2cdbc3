import {toLocaleDateTimeString, serializeDateTime} from "@web/core/l10n/dates";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {LaterDialog} from "./later_dialog.esm";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {formatList} from "@web/core/l10n/utils/format_list";
import {registry} from "@web/core/registry";

/** On the bus of the web client: something was done with emails on this screen. */
export const WORKED = "MAILBOX-WORKED";
const ARRIVAL = "mail.mailbox.arrival";
const DRAFT = "mail.mailbox.draft";
/** What gives a conversation a state, by that. */
const TO_STATE = {
    open: "action_open",
    waiting: "action_wait",
    later: "action_later",
    done: "action_done",
};
/** What has lines leave the list of what is to be done, or come back to it. */
const MOVING = new Set([
    "action_done",
    "action_later",
    "action_open",
    "action_wait",
    "action_block",
    "action_unblock",
]);

/**
 * What people do with the emails of a mailbox, wherever they do it.
 *
 * All of it takes ids of lines of the Queue.
 *
 * take(ids) - have them; says who has those that somebody has already
 * give(ids, userId) - to somebody, or with false to nobody
 * people(ids) - whom they can be given to
 * done(ids, also), open(ids, also) - with a button to undo it; `also` is lines of the
 *     same emails in further mailboxes, of which the server decides
 * later(ids, also) - asks until when
 * block(ids) - the senders, in the mailbox; unblock(ids)
 * unsubscribeWay(id), unsubscribe(id, way) - from a newsletter; asks first
 * notes(id), addNote(id, body, userIds), removeNote(noteId)
 * read(ids) - what is shown of them, as rows of `id` and `team`
 * noteWriting(draftId, mailboxId), stopWriting(draftId) - an answer is open, or closed
 * opened(ids) - they are read here; unread(ids) - shown as unread again
 */
export const teamService = {
    dependencies: ["orm", "notification", "dialog", "action", "mailbox_undo"],
    start(env, {orm, notification, dialog, action, mailbox_undo: undo}) {
        async function act(method, ids, ...args) {
            const result = await orm.call(ARRIVAL, method, [ids, ...args]);
            env.bus.trigger(WORKED, {moved: MOVING.has(method), ids});
            return result;
        }

        async function done(ids, also = []) {
            tell(_t("Done."), await act("action_done", ids, also));
        }

        function later(ids, also = []) {
            const choose = async (moment) => {
                const result = await act(
                    "action_later",
                    ids,
                    serializeDateTime(moment),
                    also
                );
                tell(_t("It comes back: %s", toLocaleDateTimeString(moment)), result);
            };
            dialog.add(LaterDialog, {choose});
        }

        /** Tell what became of it; to undo it, each is again what it was. */
        function tell(message, {changed, newer, former}) {
            if (newer) {
                notification.add(
                    _t("Not put away: a newer email of the conversation is unread."),
                    {type: "warning"}
                );
            }
            if (!changed) {
                return;
            }
            const back = async () => {
                try {
                    for (const one of former) {
                        await restore(one);
                    }
                } finally {
                    // a line is back when all of it is: it may be done again at once
                    env.bus.trigger(WORKED, {moved: true});
                }
            };
            undo.tell({message, type: "success", undo: former.length ? back : []});
        }

        function restore({ids, state, until}) {
            const isOver = until && until <= serializeDateTime(luxon.DateTime.now());
            const more = until && !isOver ? [until] : [];
            const method = isOver ? "action_open" : TO_STATE[state];
            return orm.call(ARRIVAL, method, [ids, ...more]);
        }

        async function block(ids) {
            const {senders, blocked_ids} = await act("action_block", ids);
            undo.tell({
                message: _t(
                    "%s is blocked in this mailbox: such emails are listed under the filter “Blocked”.",
                    formatList(senders)
                ),
                type: "success",
                undo: async () => {
                    await orm.call("mail.mailbox.blocked.sender", "action_unblock", [
                        blocked_ids,
                    ]);
                    env.bus.trigger(WORKED, {moved: true});
                },
            });
        }

        /** Nothing is sent to the host before it was named and agreed to. */
        function unsubscribe(id, {host, address}) {
            const body = host
                ? _t(
                      "%s will be asked to stop sending this newsletter to this mailbox. It will learn that somebody reads it.",
                      host
                  )
                : _t(
                      "This starts an email to %s, which you can read before you send it.",
                      address
                  );
            const byRequest = async () => {
                const {type, message} = await orm.call(ARRIVAL, "action_unsubscribe", [
                    [id],
                    host,
                ]);
                notification.add(message, {type, sticky: type !== "success"});
            };
            const byMail = async () =>
                action.doAction(
                    await orm.call(ARRIVAL, "action_unsubscribe_by_mail", [
                        [id],
                        address,
                    ])
                );
            dialog.add(ConfirmationDialog, {
                title: _t("Unsubscribe from this newsletter?"),
                body,
                confirmLabel: host ? _t("Unsubscribe") : _t("Write the email"),
                confirm: host ? byRequest : byMail,
                cancel: () => {},
            });
        }

        async function take(ids) {
            const {others} = await act("action_take", ids);
            if (others.length) {
                notification.add(_t("%s has it already.", formatList(others)), {
                    type: "warning",
                });
            }
        }

        // what several parts of one screen ask for at a moment is one question
        let asked = null;
        function read(ids) {
            asked ||= {ids: new Set(), rows: ask()};
            const {ids: all, rows} = asked;
            ids.forEach((id) => all.add(id));
            return rows.then((found) => found.filter(({id}) => ids.includes(id)));
        }
        async function ask() {
            await new Promise((resolve) => browser.setTimeout(resolve));
            const {ids} = asked;
            asked = null;
            return orm.silent.call(ARRIVAL, "get_team", [[...ids]]);
        }

        return {
            take,
            done,
            later,
            open: (ids, also = []) => act("action_open", ids, also),
            block,
            unsubscribe,
            unsubscribeWay: (id) => orm.silent.call(ARRIVAL, "get_unsubscribe", [[id]]),
            unblock: (ids) => act("action_unblock", ids),
            opened: (ids) =>
                ids.length && orm.silent.call(ARRIVAL, "action_read_here", [ids]),
            notes: (id) => orm.silent.call(ARRIVAL, "get_notes", [[id]]),
            addNote: (id, body, userIds) => act("action_add_note", [id], body, userIds),
            async removeNote(id) {
                await orm.call("mail.mailbox.note", "action_remove", [[id]]);
                env.bus.trigger(WORKED, {});
            },
            unread: (ids) => act("action_unread_here", ids),
            give: (ids, userId) => act("action_give", ids, userId),
            people: (ids) => orm.call(ARRIVAL, "get_team_people", [ids]),
            read,
            noteWriting: (draftId, mailboxId) =>
                orm.silent.call(DRAFT, "note_writing", [[draftId]], {
                    mailbox_id: mailboxId,
                }),
            stopWriting: (draftId) =>
                orm.silent.call(DRAFT, "stop_writing", [[draftId]]),
        };
    },
};

registry.category("services").add("mailbox_team", teamService);
