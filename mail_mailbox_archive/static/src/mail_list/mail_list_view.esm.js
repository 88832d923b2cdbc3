import {MailListController} from "./mail_list_controller.esm";
import {MailListRenderer} from "./mail_list_renderer.esm";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";

export const mailListView = {
    ...listView,
    Controller: MailListController,
    Renderer: MailListRenderer,
};

registry.category("views").add("mailbox_list", mailListView);
