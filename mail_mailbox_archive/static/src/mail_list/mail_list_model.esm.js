import {RelationalModel} from "@web/model/relational_model/relational_model";
import {getFieldsSpec} from "@web/model/relational_model/utils";
import {orderByToString} from "@web/search/utils/order_by";
import {user} from "@web/core/user";

/** The setting of a person, which is the same on each of their computers. */
const SETTING = "mailbox_conversations";

/**
 * The lines of a list of mail: of single emails, or of conversations, as the person has
 * chosen. Grouped lists, and lists to choose from, are always of emails.
 */
export class MailListModel extends RelationalModel {
    get wantsConversations() {
        return !this.env.inDialog && Boolean(user.settings[SETTING]);
    }

    get showsConversations() {
        return this.isOfConversations(this.config);
    }

    /** A list within a group is none. */
    isOfConversations({isRoot, groupBy}) {
        return this.wantsConversations && isRoot && !groupBy.length;
    }

    /** Have the list show the other of the two, from its first page on. */
    async toggleConversations() {
        await user.setUserSettings(SETTING, !this.wantsConversations);
        await this.root.load({offset: 0});
    }

    async _loadUngroupedList(config, cache) {
        if (!this.isOfConversations(config)) {
            return super._loadUngroupedList(config, cache);
        }
        const {activeFields, fields, context, domain, limit, offset, countLimit} =
            config;
        const orm = cache ? this.orm.cache(cache) : this.orm;
        return orm.call(config.resModel, "web_read_conversations", [], {
            domain,
            specification: getFieldsSpec(activeFields, fields, context),
            offset,
            limit,
            order: orderByToString(config.orderBy.filter((o) => o.name !== "__count")),
            context: {bin_size: true, ...context},
            count_limit: countLimit === Number.MAX_SAFE_INTEGER ? 0 : countLimit + 1,
        });
    }

    async _updateCount(config) {
        if (!this.isOfConversations(config)) {
            return super._updateCount(config);
        }
        const {resModel, domain, context} = config;
        const count = await this.keepLast.add(
            this.orm.call(resModel, "count_conversations", [domain], {context})
        );
        config.countLimit = Number.MAX_SAFE_INTEGER;
        return count;
    }
}
