import {RelationalModel} from "@web/model/relational_model/relational_model";
import {_t} from "@web/core/l10n/translation";
import {getBasicEvalContext, getFieldsSpec} from "@web/model/relational_model/utils";

/** Begins a draft and reads what the form shows of it, in one call. */
export class ComposeModel extends RelationalModel {
    static services = [...RelationalModel.services, "mailbox_compose"];

    setup(params, services) {
        super.setup(params, services);
        if (this.env.mailboxWindow) {
            // what is unsaved when the tab is closed is sent as that of a page is
            this.env = Object.create(this.env, {inDialog: {value: false}});
        }
        this.compose = services.mailbox_compose;
        this.begun = this.compose.take(params.config.context);
        /** Where the user reads what is answered. */
        this.mailboxId = this.begun?.mailbox_id || false;
        // what this window wrote, or tried to
        this.revisions = [];
        const webSave = (...args) => this.saveOverSeen(...args);
        this.orm = Object.assign(Object.create(this.orm), {webSave});
        this.bus.addEventListener("WILL_SAVE_URGENTLY", () => {
            const {config} = this.root;
            const context = {...config.context, ...this.getRevisions()};
            this._updateConfig(config, {context}, {reload: false});
        });
        /** What is on its way to the server: promises of whether it is attached. */
        this.uploads = new Set();
    }

    /** Wait for the files on their way; return whether all of them are attached. */
    async waitForUploads() {
        const uploads = await Promise.allSettled(this.uploads);
        return uploads.every(({value}) => value);
    }

    /** What is read and written here, which the server may write over. */
    getRevisions() {
        const revision = `${Date.now()}-${Math.random()}`;
        this.revisions.push(revision);
        const {revision: read} = this.root.data;
        return {
            mailbox_seen: [read || false, ...this.revisions],
            mailbox_revision: revision,
        };
    }

    /** Save; what is written elsewhere meanwhile stays, and this is another draft. */
    async saveOverSeen(resModel, ids, changes, kwargs) {
        const {root} = this;
        const context = {...kwargs.context, ...this.getRevisions()};
        const orm = Object.getPrototypeOf(this.orm);
        const saved = await orm.webSave(resModel, ids, changes, {...kwargs, context});
        this.revisions = [context.mailbox_revision];
        const [{id}] = saved;
        if (ids.length && id !== ids[0]) {
            this._updateConfig(root.config, {resId: id, resIds: [id]}, {reload: false});
            const message = _t(
                "This draft was changed in another window. What you write here is kept " +
                    "as a draft of its own."
            );
            this.notification.add(message, {type: "warning", sticky: true});
            if (root.data.attachment_ids?.count) {
                // which are copies
                root.load();
            }
        }
        return saved;
    }

    async _loadData(config, cache) {
        if (config.resId || !this.begun) {
            return super._loadData(config, cache);
        }
        const {activeFields, fields} = config;
        const context = getBasicEvalContext(config);
        const specification = getFieldsSpec(activeFields, fields, context);
        const [values] = await this.compose.begin(config.context, specification);
        this.begun = null;
        Object.assign(config, {resId: values.id, resIds: [values.id]});
        return values;
    }
}
