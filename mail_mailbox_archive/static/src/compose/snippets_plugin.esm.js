import {Plugin} from "@html_editor/plugin";
import {PowerboxPlugin} from "@html_editor/main/powerbox/powerbox_plugin";
import {RPCError} from "@web/core/network/rpc";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {parseHTML} from "@html_editor/utils/html";
import {withSequence} from "@html_editor/utils/resource";

const CATEGORY = "mailbox_short_texts";
/** Milliseconds after which the list is asked for: the form is there by then. */
const REST = 300;

/** What "/" offers: the editor's own commands, and short texts by name or shortcut. */
export class ComposePowerboxPlugin extends PowerboxPlugin {
    getAvailablePowerboxCommands() {
        const commands = super.getAvailablePowerboxCommands();
        return [
            ...this.config.shortTexts.map((text) => this.asCommand(text)),
            ...commands,
        ];
    }

    asCommand({id, name, shortcut}) {
        return {
            categoryId: CATEGORY,
            categoryName: _t("Short texts"),
            title: name,
            description: shortcut ? `/${shortcut}` : _t("Short text"),
            icon: "fa-align-left",
            keywords: [shortcut, name].filter(Boolean),
            isAvailable: () => true,
            run: () => this.config.insertShortText(id),
        };
    }
}

/** Loads the short texts for the mailbox one writes from, and puts one into the text. */
export class SnippetsPlugin extends Plugin {
    static id = "mailboxSnippets";
    static dependencies = ["dom", "history", "sanitize", "selection"];
    static shared = ["loadSnippets"];
    resources = {
        powerbox_categories: withSequence(5, {id: CATEGORY, name: _t("Short texts")}),
    };

    setup() {
        this.config.insertShortText = (id) => this.insert(id);
        this.timer = browser.setTimeout(() => this.loadSnippets(), REST);
    }

    destroy() {
        browser.clearTimeout(this.timer);
        super.destroy();
    }

    async loadSnippets() {
        const mailboxId = this.config.getMailbox();
        if (!mailboxId) {
            return;
        }
        try {
            this.config.shortTexts = await this.config.callDraft(
                "find_snippets",
                mailboxId
            );
        } catch (error) {
            // sent or handed on meanwhile: nothing is put into it any more
            if (!(error instanceof RPCError)) {
                throw error;
            }
        }
    }

    async insert(id) {
        const html = await this.config.callDraft("render_snippet", id);
        if (this.isDestroyed) {
            return;
        }
        const fragment = parseHTML(this.document, html);
        this.dependencies.sanitize.sanitize(fragment);
        this.dependencies.selection.focusEditable();
        this.dependencies.dom.insert(fragment);
        this.dependencies.history.addStep();
    }
}
