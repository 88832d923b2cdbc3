import {Component, onWillUpdateProps, useState} from "@odoo/owl";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {FileModelMixin} from "@web/core/file_viewer/file_model";
import {_t} from "@web/core/l10n/translation";
import {useFileViewer} from "@web/core/file_viewer/file_viewer_hook";
import {useService} from "@web/core/utils/hooks";

/** An attachment as Odoo's file viewer knows files. */
class MailPart extends FileModelMixin(Object) {
    get isViewable() {
        return Boolean(this.shown_as) && !this.danger;
    }
    get isImage() {
        return this.mimetype.startsWith("image/");
    }
    get displayName() {
        return this.name;
    }
    get urlRoute() {
        const inner = this.inner ? `/${this.inner}` : "";
        return `/mail_mailbox_archive/part/${this.id}${inner}`;
    }
    get saveUrl() {
        return `${this.urlRoute}?download=1`;
    }
    get urlQueryParams() {
        return {};
    }
}

/** Return attachments as files, which are looked at as what they really are. */
function asFiles(parts) {
    return parts.map((part) =>
        Object.assign(new MailPart(), part, {
            key: `${part.id}/${part.inner}`,
            mimetype: part.shown_as || part.mimetype,
        })
    );
}

/** The attachments of a message, with kind and size. */
export class MessageAttachments extends Component {
    static template = "mail_mailbox_archive.MessageAttachments";
    static props = {
        messageId: Number,
        parts: Array,
        /** Of an attached message: they are no attachments of a record here. */
        attached: {type: Boolean, optional: true},
    };
    /** What opens an attached message; it shows attachments itself. */
    static Message = null;

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.fileViewer = useFileViewer();
        this.state = useState({inText: false});
        // the same objects as long as it is the same message: the file viewer finds
        // the one that was clicked among them
        this.all = asFiles(this.props.parts);
        onWillUpdateProps((next) => {
            if (next.parts !== this.props.parts) {
                this.all = asFiles(next.parts);
            }
        });
    }

    get files() {
        return this.all.filter((file) => this.state.inText || !file.in_text);
    }

    get inTextCount() {
        return this.props.parts.filter((part) => part.in_text).length;
    }

    get inTextLabel() {
        return this.inTextCount === 1
            ? _t("1 image in the text")
            : _t("%s images in the text", this.inTextCount);
    }

    icon(file) {
        const icons = {
            image: "fa-file-image-o",
            audio: "fa-file-audio-o",
            video: "fa-file-video-o",
            text: "fa-file-text-o",
        };
        if (file.message) {
            return "fa-envelope-o";
        }
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

    /** Open a message, look at what can be looked at, warn of what may harm, else save. */
    onClick(file, ev) {
        if (file.message) {
            ev.preventDefault();
            this.dialog.add(MessageAttachments.Message, {
                part: file.id,
                inner: file.inner,
            });
        } else if (file.isViewable) {
            ev.preventDefault();
            this.view(file.key);
        } else if (file.danger && !this.confirmed) {
            ev.preventDefault();
            this.askToSave(file, ev.currentTarget);
        }
    }

    /** Look at an attachment; the file viewer finds it among the others as an object. */
    view(key) {
        const {files} = this;
        this.fileViewer.open(
            files.find((file) => file.key === key),
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
