import {ListController} from "@web/views/list/list_controller";
import {useCompose} from "./compose_service.esm";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";

/** One's drafts: opening one goes on writing it. */
export class DraftListController extends ListController {
    setup() {
        super.setup();
        this.compose = useCompose();
    }

    async openRecord(record) {
        const onClose = () => this.model.root.load();
        return this.compose.resume(record.resId, {onClose});
    }

    createRecord() {
        return this.compose.write({onClose: () => this.model.root.load()});
    }
}

registry.category("views").add("mailbox_draft_list", {
    ...listView,
    Controller: DraftListController,
});
