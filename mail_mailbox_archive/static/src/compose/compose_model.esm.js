import {RelationalModel} from "@web/model/relational_model/relational_model";
import {getBasicEvalContext, getFieldsSpec} from "@web/model/relational_model/utils";
import {_t} from "@web/core/l10n/translation";
import {x2ManyCommands} from "@web/core/orm_service";

/**
 * A draft that is saved. What became a draft of its own is not gone on with: nobody
 * has seen yet that the one of the other window stays.
 */
export class ComposeRecord extends RelationalModel.Record {
    /** False also where this is another draft now. */
    async save(options) {
        const {resId} = this;
        const saved = await super.save(options);
        if (!saved || !resId || resId === this.resId) {
            return saved;
        }
        // what was typed meanwhile, then the copies of the files and pictures
        if (await super.save({reload: false})) {
            await this.load();
        }
        return false;
    }

    /** All that the window shows, as values to save. */
    getWhole() {
        const whole = this._getChanges(this.data);
        // the files by their numbers: that nothing changed in them here says nothing
        for (const [name, {type}] of Object.entries(this.fields)) {
            if (type === "many2many" && name in this.data && !this._isReadonly(name)) {
                whole[name] = [x2ManyCommands.set(this.data[name].currentIds)];
            }
        }
        return whole;
    }
}

/** Begins a draft and reads what the form shows of it, in one call. */
export class ComposeModel extends RelationalModel {
    static Record = ComposeRecord;
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
        const save = (vals, more) =>
            orm.webSave(resModel, ids, vals, {
                ...kwargs,
                context: {...context, ...more},
            });
        let saved = await save(changes, {mailbox_asks: true});
        if (ids.length && !saved.length) {
            // nothing that was not seen here
            saved = await save(root.getWhole());
        }
        this.revisions = [context.mailbox_revision];
        const [{id}] = saved;
        if (ids.length && id !== ids[0]) {
            this._updateConfig(root.config, {resId: id, resIds: [id]}, {reload: false});
            const message = _t(
                "This draft was changed in another window. What you write here is kept " +
                    "as a draft of its own."
            );
            this.notification.add(message, {type: "warning", sticky: true});
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
