import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {browser} from "@web/core/browser/browser";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {onWillUnmount} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** Milliseconds between two refreshes by news from the server. */
const PAUSE = 500;

/** What is to leave, in any view: kept up to date by itself. */
const live = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            const bus = useService("bus_service");
            let timer = null;
            const refresh = () => {
                timer = null;
                return this.model.root.load();
            };
            const onChanged = () => {
                timer = timer || browser.setTimeout(refresh, PAUSE);
            };
            bus.subscribe("mail_mailbox_archive/changed", onChanged);
            onWillUnmount(() => {
                bus.unsubscribe("mail_mailbox_archive/changed", onChanged);
                browser.clearTimeout(timer);
            });
        }
    };

const views = registry.category("views");
views.add("mailbox_outbox_list", {...listView, Controller: live(ListController)});
views.add("mailbox_outbox_kanban", {...kanbanView, Controller: live(KanbanController)});
