import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";
import {onMounted, onWillUnmount, useRef, useState} from "@odoo/owl";
import {FileInput} from "@web/core/file_input/file_input";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/core/utils/numbers";
import {registry} from "@web/core/registry";
import {useFileUploader} from "@web/core/utils/files";

/** Addressed by the editor: what it shows in the text itself. */
const isImage = ({type}) => type.startsWith("image/");

/** Cells of a spreadsheet, which are copied as text and as a picture of it. */
const isCells = (data, files) =>
    files.every(isImage) &&
    ["text/plain", "text/html"].every((type) => data.getData(type));

/** Gives what is chosen to the field, which uploads it as what is dropped. */
class FilesInput extends FileInput {
    async onFileInputChange() {
        const {el} = this.fileInputRef;
        const files = [...el.files];
        // the same file may be chosen again
        el.value = null;
        await this.props.onChosen(files);
    }
}

/**
 * What is attached: chosen, dropped anywhere on the form or pasted; with its size beside
 * what the provider takes. Images dropped on or pasted into the text stand in it.
 */
export class FilesField extends Many2ManyBinaryField {
    static template = "mail_mailbox_archive.Files";
    static components = {...Many2ManyBinaryField.components, FileInput: FilesInput};

    setup() {
        super.setup();
        this.root = useRef("root");
        this.upload = useFileUploader();
        this.state = useState({uploading: 0});
        const take = (ev) => this.take(ev, ev.dataTransfer || ev.clipboardData);
        const allow = (ev) =>
            ev.dataTransfer?.types.includes("Files") && ev.preventDefault();
        let form = null;
        onMounted(() => {
            form = this.root.el.closest(".o_form_view");
            form?.addEventListener("dragover", allow);
            form?.addEventListener("drop", take, {capture: true});
            form?.addEventListener("paste", take, {capture: true});
        });
        onWillUnmount(() => {
            form?.removeEventListener("dragover", allow);
            form?.removeEventListener("drop", take, {capture: true});
            form?.removeEventListener("paste", take, {capture: true});
        });
    }

    take(ev, data) {
        const files = [...(data?.files || [])];
        const shown = ev.target.closest?.(".odoo-editor-editable");
        const typed = ev.target.closest?.("input, textarea");
        if (!files.length || (shown && files.every(isImage))) {
            return;
        }
        if (typed && isCells(data, files)) {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
        return this.attach(files);
    }

    /** Upload files and attach them; the form waits for it. */
    async attach(files) {
        const {uploads} = this.props.record.model;
        const upload = this.store(files);
        uploads.add(upload);
        this.state.uploading++;
        try {
            return await upload;
        } finally {
            uploads.delete(upload);
            this.state.uploading--;
        }
    }

    /** Return whether all of them are attached. */
    async store(files) {
        const {resModel, resId} = this.props.record;
        const uploaded = await this.upload("/web/binary/upload_attachment", {
            csrf_token: odoo.csrf_token,
            ufile: files,
            model: resModel,
            id: resId,
        });
        if (!uploaded) {
            return false;
        }
        await this.onFileUploaded(uploaded);
        return !uploaded.some(({error}) => error);
    }

    get size() {
        return this.files.reduce((sum, file) => sum + (file.file_size || 0), 0);
    }

    get limit() {
        return this.props.record.data.size_limit || 0;
    }

    get told() {
        const [size, limit] = [this.size, this.limit].map((bytes) =>
            formatFloat(bytes / 1e6, {digits: [false, 1]})
        );
        return _t("%(size)s MB of %(limit)s MB", {size, limit});
    }
}

registry.category("fields").add("mailbox_files", {
    ...many2ManyBinaryField,
    component: FilesField,
    fieldDependencies: [{name: "size_limit", type: "integer"}],
    relatedFields: [
        ...many2ManyBinaryField.relatedFields,
        {name: "file_size", type: "integer"},
    ],
});
