import {onMounted, onWillUnmount, useEffect} from "@odoo/owl";
import {useBus, useService} from "@web/core/utils/hooks";
import {ComposeModel} from "./compose_model.esm";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {FormController} from "@web/views/form/form_controller";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {evaluateExpr} from "@web/core/py_js/py";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

/** Milliseconds without a key pressed after which what is written is kept. */
export const PAUSE = 3000;
/** Milliseconds after which it is kept also of who makes no pause. */
const LONGEST = 10_000;
/** After these the draft is in other hands. */
const LEAVING = new Set(["action_approve", "action_give_back"]);

/**
 * The form of a mail being written. What was written is kept as a draft every few
 * moments and when the form is closed; what nobody wrote on is thrown away.
 */
export class ComposeFormController extends FormController {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.notification = useService("notification");
        // what is not begun here was written before
        const {mailbox_begun: begun, mailbox_fresh_draft: fresh} = this.props.context;
        this.written = !(begun || fresh);
        this.sure = new Set();
        this.timer = null;
        this.since = null;
        useBus(this.model.bus, "FIELD_IS_DIRTY", ({detail}) => detail && this.note());
        this.window = this.env.mailboxWindow;
        if (this.window) {
            this.takeKeys();
        }
        if (this.env.inDialog) {
            this.env.dialogData.dismiss = () => this.keepOrStay();
        }
        onMounted(() => {
            if (this.window) {
                this.window.opened(
                    () => this.focus(),
                    () => this.reload()
                );
                // it holds nothing back that is open beside it
                this.env.bus.trigger("FORM-CONTROLLER:FORM-IN-DIALOG:REMOVE");
            } else {
                this.focus();
            }
        });
        useEffect(
            (resId, subject) => this.window?.entitle(resId, subject),
            () => [this.model.root.resId, this.model.root.data.subject]
        );
        onWillUnmount(() => {
            browser.clearTimeout(this.timer);
            if (this.window) {
                this.env.bus.trigger("FORM-CONTROLLER:FORM-IN-DIALOG:ADD");
            }
        });
    }

    get modelParams() {
        const params = super.modelParams;
        params.hooks.onRecordChanged = () => this.note();
        return params;
    }

    /** Keep the buttons' keys from the page: the window answers them itself. */
    takeKeys() {
        const {xmlDoc} = this.footerArchInfo || {};
        for (const button of xmlDoc?.querySelectorAll("[data-hotkey]") || []) {
            button.setAttribute("data-mailbox-key", button.getAttribute("data-hotkey"));
            button.removeAttribute("data-hotkey");
        }
    }

    /** An answer knows its recipients: one writes at once. */
    focus() {
        const answers = this.model.root.data.mode?.startsWith("reply");
        const place = answers ? "body] .odoo-editor-editable" : "email_to] input";
        this.rootRef.el.querySelector(`[name=${place}`)?.focus();
    }

    /** Show what was written elsewhere meanwhile; what is written here stays. */
    async reload() {
        if (!(await this.model.root.isDirty())) {
            await this.model.root.load();
        }
    }

    /** Keep what was written once the writer pauses, or has written for long. */
    note() {
        this.written = true;
        this.since ||= Date.now();
        const left = Math.max(0, this.since + LONGEST - Date.now());
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.autosave(), Math.min(PAUSE, left));
    }

    /** What cannot be saved now is said when the email is sent or closed. */
    autosave() {
        this.since = null;
        return this.model.root.save({reload: false, onError: () => false});
    }

    async beforeExecuteActionButton(clickParams) {
        browser.clearTimeout(this.timer);
        if (clickParams.name === "action_discard") {
            await this.discard();
            return false;
        }
        if (!(await this.model.waitForUploads())) {
            return false;
        }
        const goes = await super.beforeExecuteActionButton(clickParams);
        if (goes !== false && this.window && LEAVING.has(clickParams.name)) {
            return this.finish(clickParams);
        }
        if (goes !== false && clickParams.name === "action_send") {
            const sure = await this.isSure();
            return sure && this.window ? this.finish(clickParams) : sure;
        }
        return goes;
    }

    /** Do it and close the window: no dialog is there for an action to close. */
    async finish({name, context}) {
        const {resModel, resId} = this.model.root;
        const kwargs = {context: evaluateExpr(context || "{}")};
        const next = await this.orm.call(resModel, name, [[resId]], kwargs);
        this.window.close();
        if (next?.type) {
            await this.actionService.doAction(next);
        }
        return false;
    }

    /** Whether the writer means what may be forgotten; each thing is asked once. */
    async isSure() {
        const {resModel, resId} = this.model.root;
        const doubts = await this.orm.call(resModel, "find_doubts", [[resId]]);
        const asked = doubts.filter((doubt) => !this.sure.has(doubt));
        asked.forEach((doubt) => this.sure.add(doubt));
        return !asked.length || this.ask(asked.join("\n"), _t("Send anyway"));
    }

    ask(body, confirmLabel) {
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                {
                    body,
                    confirmLabel,
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                    cancelLabel: _t("Go on writing"),
                },
                {onClose: () => resolve(false)}
            );
        });
    }

    async discard() {
        const {root} = this.model;
        const question = _t("Discard this email? What you have written is lost.");
        const written = this.written || (await root.isDirty());
        const fresh = !written && (await this.getProgress()) === "fresh";
        if (!fresh && !(await this.ask(question, _t("Discard")))) {
            return;
        }
        await this.orm.call(root.resModel, "action_discard", [[root.resId]]);
        if (this.window) {
            this.window.close();
        } else if (this.env.inDialog) {
            await this.actionService.doAction({type: "ir.actions.act_window_close"});
        } else {
            this.env.config.historyBack();
        }
    }

    /** Who waits for it to be closed waits on where it cannot be kept. */
    async keepOrStay() {
        if ((await this.keepOnce()) === false) {
            await new Promise(() => undefined);
        }
    }

    /** Closed once, however often one presses while the server answers. */
    keepOnce() {
        this.closing ||= this.keep().finally(() => {
            this.closing = null;
        });
        return this.closing;
    }

    /** Closed without a word: what was written is in the drafts; false if it is not. */
    async keep() {
        const {root} = this.model;
        if (root.data.in_my_hands === false) {
            return true;
        }
        if (!(await this.model.waitForUploads()) || !(await this.saveAnywhere())) {
            return false;
        }
        // who cannot ask any more has saved all the same
        const progress = await this.getProgress().catch(() => null);
        if (progress === "sent") {
            const message = _t("This email has already been sent.");
            this.notification.add(message, {type: "info"});
        } else if (progress === "written") {
            this.notification.add(_t("Kept in Drafts."), {type: "info"});
        } else if (progress === "fresh") {
            await this.orm.call(root.resModel, "action_discard", [[root.resId]]);
        }
        return true;
    }

    /** Save, be it in a draft of its own; return whether all of it is saved. */
    async saveAnywhere() {
        const {root} = this.model;
        const {resId} = root;
        const saved = await root.save({reload: false});
        return saved || (resId !== root.resId && root.save({reload: false}));
    }

    /** What became of the draft, here and elsewhere: fresh, written, sent or gone. */
    async getProgress() {
        const {resModel, resId} = this.model.root;
        const progress = await this.orm.call(resModel, "get_progress", [[resId]]);
        return progress === "fresh" && this.written ? "written" : progress;
    }
}

registry.category("views").add("mailbox_compose_form", {
    ...formView,
    Model: ComposeModel,
    Controller: ComposeFormController,
});
