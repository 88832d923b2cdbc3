import {RelationalModel} from "@web/model/relational_model/relational_model";
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
        /** What is on its way to the server: promises of whether it is attached. */
        this.uploads = new Set();
    }

    /** Wait for the files on their way; return whether all of them are attached. */
    async waitForUploads() {
        const uploads = await Promise.allSettled(this.uploads);
        return uploads.every(({value}) => value);
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
