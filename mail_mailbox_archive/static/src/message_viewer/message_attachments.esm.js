import {Component, useState} from "@odoo/owl";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {FileModelMixin} from "@web/core/file_viewer/file_model";
import {_t} from "@web/core/l10n/translation";
import {useFileViewer} from "@web/core/file_viewer/file_viewer_hook";
import {useService} from "@web/core/utils/hooks";

/** Kinds that the server hands out to be looked at; all others are only saved. */
const SHOWN = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "application/pdf",
    "text/plain",
];

/** An attachment as Odoo's file viewer knows files. */
class MailPart extends FileModelMixin(Object) {
    get isViewable() {
        return SHOWN.includes(this.mimetype) && !this.danger;
    }
    get displayName() {
        return this.name;
    }
    get urlRoute() {
        return `/mail_mailbox_archive/part/${this.id}`;
    }
    get saveUrl() {
        return `${this.urlRoute}?download=1`;
    }
    get urlQueryParams() {
        return {};
    }
}

/** The attachments of a message, with kind and size. */
export class MessageAttachments extends Component {
    static template = "mail_mailbox_archive.MessageAttachments";
    static props = {messageId: Number, parts: Array};

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.fileViewer = useFileViewer();
        this.state = useState({inText: false});
    }

    get files() {
        return this.props.parts
            .filter((part) => this.state.inText || !part.in_text)
            .map((part) => Object.assign(new MailPart(), part));
    }

    get inTextCount() {
        return this.props.parts.filter((part) => part.in_text).length;
    }

    get inTextLabel() {
        return this.inTextCount === 1
            ? _t("1 picture in the text")
            : _t("%s pictures in the text", this.inTextCount);
    }

    icon(file) {
        const icons = {
            image: "fa-file-image-o",
            audio: "fa-file-audio-o",
            video: "fa-file-video-o",
            text: "fa-file-text-o",
        };
        if (file.danger) {
            return "fa-exclamation-triangle text-danger";
        }
        return file.isPdf
            ? "fa-file-pdf-o"
            : icons[file.mimetype.split("/")[0]] || "fa-file-o";
    }

    warning(file) {
        return file.danger === "runs"
            ? _t("This kind of file can run programs on your computer.")
            : _t("This kind of file can hold macros that run programs.");
    }

    /** Look at a file that can be looked at, warn of a dangerous one, else save it. */
    onClick(file, ev) {
        if (file.isViewable) {
            ev.preventDefault();
            this.view(file.id);
        } else if (file.danger && !this.confirmed) {
            ev.preventDefault();
            this.askToSave(file, ev.currentTarget);
        }
    }

    /** Look at an attachment; the file viewer finds it among the others as an object. */
    view(id) {
        const {files} = this;
        this.fileViewer.open(
            files.find((file) => file.id === id),
            files
        );
    }

    /** Choose attachments that become files of a record, and that record. */
    saveToRecord() {
        return this.action.doAction(
            "mail_mailbox_archive.mail_mailbox_save_wizard_action",
            {additionalContext: {default_mailbox_message_id: this.props.messageId}}
        );
    }

    askToSave(file, link) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Save %s?", file.name),
            body: _t("%s Save it only if you expected it.", this.warning(file)),
            confirmLabel: _t("Save anyway"),
            confirm: () => {
                this.confirmed = true;
                link.click();
                this.confirmed = false;
            },
            cancel: () => undefined,
        });
    }
}
