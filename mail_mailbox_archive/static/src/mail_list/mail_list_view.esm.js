import {MailListController} from "./mail_list_controller.esm";
import {MailListModel} from "./mail_list_model.esm";
import {MailListRenderer} from "./mail_list_renderer.esm";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";

export const mailListView = {
    ...listView,
    Controller: MailListController,
    Model: MailListModel,
    Renderer: MailListRenderer,
};

registry.category("views").add("mailbox_list", mailListView);
