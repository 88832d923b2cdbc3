import {RelationalModel} from "@web/model/relational_model/relational_model";
import {getBasicEvalContext, getFieldsSpec} from "@web/model/relational_model/utils";

/** Begins a draft and reads what the form shows of it, in one call. */
export class ComposeModel extends RelationalModel {
    static services = [...RelationalModel.services, "mailbox_compose"];

    setup(params, services) {
        super.setup(params, services);
        this.begun = services.mailbox_compose.take(params.config.context);
    }

    async _loadData(config, cache) {
        if (config.resId || !this.begun) {
            return super._loadData(config, cache);
        }
        const {activeFields, fields, resModel} = config;
        const context = getBasicEvalContext(config);
        const [values] = await this.orm.call(resModel, "begin", [], {
            specification: getFieldsSpec(activeFields, fields, context),
            ...this.begun,
        });
        this.begun = null;
        Object.assign(config, {resId: values.id, resIds: [values.id]});
        return values;
    }
}
