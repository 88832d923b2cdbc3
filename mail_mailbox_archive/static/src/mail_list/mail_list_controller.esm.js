import {onMounted, onWillUnmount, useState} from "@odoo/owl";
import {useCompose} from "../compose/compose_service.esm";
import {ListController} from "@web/views/list/list_controller";
import {CopyNotice} from "../copy_notice/copy_notice.esm";
import {FirstSteps} from "../onboarding/first_steps.esm";
import {ImportProgress} from "../import_progress/import_progress.esm";
import {ListLayoutMenu, useListLayout} from "./list_layout.esm";
import {MessageViewer} from "../message_viewer/message_viewer.esm";
import {UNDONE} from "../undo/undo_service.esm";
import {useMailListKeys} from "./mail_list_keys.esm";
import {refreshList, useMailListLive} from "./mail_list_live.esm";
import {useOpenMessage} from "./open_message.esm";
import {useTeamOfLines} from "../teamwork/team_live.esm";
import {useBus, useService} from "@web/core/utils/hooks";

/**
 * A list of mail with the open message beside it: of arrivals (Queue) or messages
 * (Archives). On a phone a message opens on a page of its own.
 */
export class MailListController extends ListController {
    static template = "mail_mailbox_archive.MailList";
    static components = {
        ...ListController.components,
        CopyNotice,
        FirstSteps,
        ImportProgress,
        ListLayoutMenu,
        MessageViewer,
    };

    setup() {
        super.setup();
        this.archiveDialog = useService("mailbox_archive_dialog");
        this.compose = useCompose();
        this.undo = useService("mailbox_undo");
        this.team = useService("mailbox_team");
        this.state = useState({
            openId: false,
            messageId: false,
            mailboxId: false,
            key: false,
            fresh: [],
            revision: 0,
        });
        /** By the id of a line, what is done with it: as long as the list is shown. */
        this.together = new Map();
        this.layout = useListLayout();
        this.openMessage = useOpenMessage(this);
        useMailListLive(this);
        useTeamOfLines(this);
        useMailListKeys(this.rootRef, {
            j: () => this.move(1),
            k: () => this.move(-1),
            ArrowDown: () => this.move(1),
            ArrowUp: () => this.move(-1),
            x: () => this.toggleOpen(),
            a: () => this.archive(),
            r: () => this.answer("reply"),
            R: () => this.answer("reply_all"),
            f: () => this.answer("forward"),
            w: () => this.compose.focus(),
            t: () => this.work((ids) => this.team.take(ids)),
            e: () => this.work((ids, also) => this.team.done(ids, also)),
            s: () => this.work((ids, also) => this.team.later(ids, also)),
            u: () => this.undoOrUnread(),
            c: () => this.model.toggleConversations(),
            "/": () => this.focusSearch(),
            Enter: () => this.openPage(),
        });
        useBus(this.env.bus, UNDONE, () => this.reload());
        onMounted(() => {
            // not the search: the keys of the list work at once
            this.rootRef.el.focus({preventScroll: true});
            this.rowOf(this.openLine)?.scrollIntoView({block: "nearest"});
        });
        onWillUnmount(this.compose.prepare());
    }

    get modelParams() {
        const params = super.modelParams;
        // of a group its own emails are counted and listed, also if others have them
        params.hooks.onWillLoadRoot = ({context, groupBy}) => {
            if (groupBy?.length) {
                delete context.mailbox_once;
            }
        };
        return params;
    }

    /** There is room for more than the list. */
    get isWide() {
        return !this.env.isSmall && !this.env.inDialog;
    }

    /** Messages open beside or below the list, and not on a page of their own. */
    get isSplit() {
        return this.isWide && this.layout.pane !== "none";
    }

    /** Nothing is read beside a list that says why it is empty. */
    get hasPane() {
        const {isReady, root} = this.model;
        return this.isSplit && isReady && Boolean(root.count || this.state.messageId);
    }

    /** All lines in sight, also those of open groups. */
    get lines() {
        const {root} = this.model;
        const linesOf = (list) =>
            list.isGrouped
                ? list.groups
                      .filter((group) => !group.isFolded)
                      .flatMap((group) => linesOf(group.list))
                : list.records;
        return linesOf(root);
    }

    /** The line of the open email; of its conversation, where a newer one stands. */
    get openLine() {
        const {openId, key} = this.state;
        const {lines} = this;
        const isNewer = (line) => key && line.data.conversation_line?.key === key;
        return lines.find((line) => line.resId === openId) || lines.find(isNewer);
    }

    async openRecord(record, options = {}) {
        if (!this.isSplit || options.newWindow) {
            this.team.opened(this.besideOf(record));
            return super.openRecord(record, options);
        }
        this.mark(record);
    }

    /** What is unread of the conversation that a line stands for, beside its email. */
    besideOf(record) {
        return record.data.conversation_line?.unread_ids || [];
    }

    /** Have a line be the open one. */
    mark(record) {
        const {mailbox_message_id: message, mailbox_id: mailbox} = record.data;
        Object.assign(this.state, {
            openId: record.resId,
            messageId: message?.id || record.resId,
            mailboxId: mailbox?.id || false,
            key: record.data.conversation_line?.key || false,
        });
        this.openMessage.opened(this.lines);
        if (this.isSplit) {
            this.team.opened([
                ...this.alsoOf([record.resId]),
                ...this.besideOf(record),
            ]);
        }
    }

    rowOf(line) {
        const selector = `.o_data_row[data-id="${line?.id}"]`;
        return line && this.rootRef.el.querySelector(selector);
    }

    /** Open the next or previous message. */
    move(step) {
        const {lines} = this;
        const line = this.openMessage.neighbour(lines, step);
        if (!line) {
            return;
        }
        this.mark(line);
        const row = this.rowOf(line);
        row?.scrollIntoView({block: "nearest"});
        // Enter is for the line that has the focus: it is never another than the open one
        if (document.activeElement?.closest(".o_data_row")) {
            row?.querySelector(".o_data_cell")?.focus({preventScroll: true});
        }
    }

    openPage() {
        const {openLine} = this;
        if (openLine) {
            this.team.opened(this.besideOf(openLine));
            super.openRecord(openLine);
        }
    }

    toggleOpen() {
        this.openLine?.toggleSelection();
    }

    focusSearch() {
        this.rootRef.el.querySelector(".o_searchview_input")?.focus();
    }

    get isQueue() {
        return this.props.resModel === "mail.mailbox.arrival";
    }

    /** Return the ids of the selected lines, else of the open one. */
    async chosen() {
        const {root} = this.model;
        if (root.isDomainSelected && this.isOnce) {
            const {ids, also} = await this.orm.call(
                root.resModel,
                "search_once",
                [root.domain],
                {limit: this.model.activeIdsLimit, context: root.context}
            );
            return {ids, also, isSelection: true};
        }
        const selected = await root.getResIds(true);
        const ids = selected.length ? selected : [this.state.openId].filter(Boolean);
        return {ids, isSelection: Boolean(selected.length)};
    }

    /** One line stands for an email in all mailboxes: these are what is listed. */
    get isOnce() {
        const {context, domain, isGrouped} = this.model.root;
        const isPlace = ([field]) => /^(mailbox|folder)_id\b/.test(field);
        return (
            this.isQueue &&
            Boolean(context.mailbox_once) &&
            !isGrouped &&
            !domain.some((part) => Array.isArray(part) && isPlace(part))
        );
    }

    /**
     * The other lines of these emails, in further mailboxes of one's own: the list of all
     * mailboxes has none for them, so what is done there is done with all of them.
     *
     * Also of a line that is put away and gone, so that it is opened with the others.
     */
    alsoOf(ids) {
        if (!this.isOnce) {
            return [];
        }
        for (const {resId, data} of this.lines) {
            const known = this.together.get(resId) || [];
            const also = data.in_mailboxes?.also || [];
            this.together.set(resId, [...new Set([...known, ...also])]);
        }
        const all = ids.flatMap((id) => this.together.get(id) || []);
        return all.filter((id) => !ids.includes(id));
    }

    /** What the lines with these emails say of their conversations. */
    conversationsOf(ids) {
        const chosen = this.lines.filter((line) => ids.includes(line.resId));
        return chosen.map((line) => line.data.conversation_line).filter(Boolean);
    }

    /** Do something with the chosen lines of the Queue, and what they stand for. */
    async work(action) {
        const {ids, also = this.alsoOf(ids)} = await this.chosen();
        if (this.isQueue && ids.length) {
            // of a conversation all that the line counts was seen, and nothing newer
            const last = this.conversationsOf(ids).map((one) => one.last);
            return action([...new Set([...ids, ...last])], also);
        }
    }

    /** Have the chosen lines shown as unread again, of a conversation its newest. */
    async unread() {
        const {ids, also = this.alsoOf(ids)} = await this.chosen();
        if (this.isQueue && ids.length) {
            const came = this.conversationsOf(ids).map((one) => one.incoming);
            const all = [...ids, ...came.filter(Boolean), ...also];
            return this.team.unread([...new Set(all)]);
        }
    }

    /** Undo what was just done, else have the chosen lines shown as unread again. */
    async undoOrUnread() {
        return (await this.undo.undo()) || this.unread();
    }

    /** Archive the selected messages, else the open one. */
    async archive() {
        const {ids, isSelection} = await this.chosen();
        if (!ids.length) {
            return;
        }
        return this.archiveDialog.open({
            [this.isQueue ? "arrivalIds" : "messageIds"]: ids,
            mailboxId: isSelection ? false : this.state.mailboxId,
            attached: !this.isQueue,
            withOthers: this.model.showsConversations,
            onClose: () => this.reload(ids),
        });
    }

    /** A new email is begun here: the form waits for no action of the server. */
    async beforeExecuteActionButton(clickParams) {
        if (this.model.showsConversations && clickParams.buttonContext) {
            // of the form that archives, if it is that
            clickParams.buttonContext.default_with_others = true;
        }
        if (clickParams.name !== "action_write") {
            return super.beforeExecuteActionButton(clickParams);
        }
        const onClose = () => this.reload();
        await this.compose.write({mailboxId: this.filteredMailbox, onClose});
        return false;
    }

    /** The one mailbox that the list shows; it is written from. */
    get filteredMailbox() {
        const isOfMailbox = ({fieldName}) => fieldName === "mailbox_id";
        const [section] = this.env.searchModel.getSections(isOfMailbox);
        return section?.activeValueId || false;
    }

    /** Reply to the open message, reply to all, or forward it. */
    answer(mode) {
        const {messageId, mailboxId} = this.state;
        if (messageId) {
            const onClose = () => this.reload();
            return this.compose.answer(messageId, mode, {mailboxId, onClose});
        }
    }

    /** Show what has changed, in the list and around the open message. */
    async reload(done) {
        await this.refresh(done);
        this.state.revision++;
    }

    /** Show what has changed in the list. */
    refresh(done) {
        return refreshList(this, done);
    }
}
