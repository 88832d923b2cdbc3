import {
    Component,
    onWillStart,
    onWillUnmount,
    onWillUpdateProps,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {useCompose} from "../compose/compose_service.esm";
import {AttachedEmail} from "./attached_email.esm";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {FilingAddressDialog} from "./filing_address_dialog.esm";
import {KeepLast} from "@web/core/utils/concurrency";
import {MessageViewer} from "../message_viewer/message_viewer.esm";
import {Pager} from "@web/core/pager/pager";
import {UNDONE} from "../undo/undo_service.esm";
import {_t} from "@web/core/l10n/translation";
import {getDataURLFromFile} from "@web/core/utils/urls";
import {pickEmails} from "./pick_emails.esm";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useDebounced} from "@web/core/utils/timing";
import {useDropzone} from "@web/core/dropzone/dropzone_hook";
import {useBus, useService} from "@web/core/utils/hooks";

/** Messages of one page. */
const LIMIT = 20;
/** Milliseconds without typing after which words are searched for. */
const PAUSE = 300;

/** The tab "Attached - Emails": what is archived on the record one is on. */
export class AttachedEmails extends Component {
    static template = "mail_mailbox_archive.AttachedEmails";
    static components = {AttachedEmail, MessageViewer, Pager};
    static props = {...standardWidgetProps};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.emails = useService("mailbox_attached_emails");
        this.archiveDialog = useService("mailbox_archive_dialog");
        this.compose = useCompose();
        this.dialog = useService("dialog");
        this.keepLast = new KeepLast();
        this.limit = LIMIT;
        this.state = useState({
            messages: [],
            total: 0,
            offset: 0,
            search: "",
            open: null,
            byAddress: false,
        });
        this.onSearch = useDebounced((search) => {
            Object.assign(this.state, {search, offset: 0});
            return this.load();
        }, PAUSE);
        // what is written here is sent, and archived here, a moment later
        const bus = useService("bus_service");
        const onChanged = useDebounced(() => this.load(), PAUSE);
        bus.subscribe("mail_mailbox_archive/changed", onChanged);
        onWillUnmount(() => bus.unsubscribe("mail_mailbox_archive/changed", onChanged));
        useBus(this.env.bus, UNDONE, () => this.load());
        this.viewer = useRef("viewer");
        useDropzone(
            useRef("root"),
            (ev) => this.upload([...ev.dataTransfer.files]),
            "o-mailbox-AttachedEmails-dropzone",
            () => Boolean(this.props.record.resId)
        );
        useEffect(
            () => {
                // above the list there, and maybe out of sight
                if (this.env.isSmall) {
                    this.viewer.el?.scrollIntoView();
                }
            },
            () => [this.state.open]
        );
        onWillStart(() => this.load());
        onWillUpdateProps(({record}) => {
            const {resModel, resId} = this.props.record;
            if (record.resId !== resId || record.resModel !== resModel) {
                Object.assign(this.state, {offset: 0, search: "", open: null});
                return this.load(record);
            }
        });
    }

    async load({resModel, resId} = this.props.record) {
        const {search, offset} = this.state;
        const page = resId
            ? this.emails.list(resModel, resId, search, offset, LIMIT)
            : {total: 0, messages: []};
        const shown = await this.keepLast.add(Promise.resolve(page));
        const {total, messages, by_address: byAddress = false} = shown;
        Object.assign(this.state, {total, messages, byAddress});
        if (!messages.some((message) => message.id === this.state.open)) {
            this.state.open = null;
        }
    }

    onPage({offset}) {
        this.state.offset = offset;
        return this.load();
    }

    toggle(message) {
        this.state.open = this.state.open === message.id ? null : message.id;
    }

    /** Let one pick from the Archives or the Queue, then fill the dialog with both. */
    attach(source) {
        const {resModel, resId} = this.props.record;
        pickEmails(this.dialog, source, {resModel, resId}, (ids) =>
            this.archiveDialog.open({
                [source === "queue" ? "arrivalIds" : "messageIds"]: ids,
                target: {resModel, resId},
                attached: source !== "queue",
                onClose: () => this.load(),
            })
        );
    }

    /** Write a new mail, which is archived on this record as well. */
    write() {
        const {resModel, resId} = this.props.record;
        return this.compose.write({resModel, resId, onClose: () => this.load()});
    }

    /** Show the addresses by which one archives here from a mail program. */
    showAddress() {
        const {resModel, resId} = this.props.record;
        this.dialog.add(FilingAddressDialog, {resModel, resId});
    }

    /** Import emails from files that were dropped here. */
    async upload(files) {
        const values = files.map(async (file) => ({
            name: file.name,
            datas: (await getDataURLFromFile(file)).split(",")[1],
        }));
        const ids = await this.orm.create("ir.attachment", await Promise.all(values));
        return this.importFiles(ids);
    }

    /** Import emails from files, then archive them on this record. */
    importFiles(ids = []) {
        const {resModel, resId} = this.props.record;
        return this.action.doAction(
            "mail_mailbox_archive.mail_mailbox_import_wizard_action",
            {
                additionalContext: {
                    default_attachment_ids: ids,
                    mailbox_archive_target: [resModel, resId],
                },
                onClose: () => this.load(),
            }
        );
    }

    detach(message) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Detach email"),
            body: _t(
                "“%s” will no longer be found on this record. The email itself is kept.",
                message.subject || _t("(no subject)")
            ),
            confirmLabel: _t("Detach"),
            confirm: async () => {
                await this.emails.detach(message.link_id);
                await this.load();
            },
            cancel: () => {},
        });
    }
}

registry.category("view_widgets").add("mailbox_attached_emails", {
    component: AttachedEmails,
});
