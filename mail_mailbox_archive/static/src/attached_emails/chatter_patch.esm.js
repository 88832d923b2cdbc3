import {AttachedChatterButton} from "./attached_button.esm";
import {Chatter} from "@mail/chatter/web_portal/chatter";

// the chatter has no registry for its buttons
Object.assign(Chatter.components, {AttachedChatterButton});
