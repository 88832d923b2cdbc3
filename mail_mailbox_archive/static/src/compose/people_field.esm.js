import {Component, onWillUnmount, useRef, useState} from "@odoo/owl";
import {isAddress, parsePeople, writePeople} from "./people_text.esm";
import {useBus, useService} from "@web/core/utils/hooks";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {uniqueId} from "@web/core/utils/functions";

/** Milliseconds without a key pressed after which people are looked for. */
const PAUSE = 120;
/** Keys that end an address, where they do not stand inside of quotes. */
const ENDS = [",", ";"];

/**
 * The people of one header as chips, with a box that completes whom one may know.
 *
 * Written and pasted text becomes chips at a comma, semicolon, line end, Enter, Tab and
 * when the box is left; what is no address is marked and stays to be put right.
 */
export class PeopleField extends Component {
    static template = "mail_mailbox_archive.PeopleField";
    static props = {...standardFieldProps, placeholder: {type: String, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.input = useRef("input");
        this.id = uniqueId("o_mailbox_people_");
        this.state = useState({text: "", offered: [], active: -1, waiting: null});
        // the question that the text stands for now, and the one answered last
        this.asked = 0;
        this.heard = 0;
        this.timer = null;
        const {bus} = this.props.record.model;
        useBus(bus, "NEED_LOCAL_CHANGES", ({detail}) => detail.proms.push(this.take()));
        useBus(bus, "WILL_SAVE_URGENTLY", () => this.take());
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get people() {
        const {name, record} = this.props;
        return parsePeople(this.state.waiting ?? (record.data[name] || ""));
    }

    get label() {
        return this.props.record.fields[this.props.name].string;
    }

    optionId(index) {
        return `${this.id}_${index}`;
    }

    isWrong({email}) {
        return !isAddress(email);
    }

    describe(person) {
        const {name, email} = person;
        const told = name && email ? `${name} <${email}>` : name || email;
        return this.isWrong(person) ? _t("%s is not an email address", told) : told;
    }

    removeLabel({name, email}) {
        return _t("Remove %s", name || email);
    }

    /** What waits to be written, as during a save, counts for what comes next. */
    async write(people) {
        const {name, record} = this.props;
        const text = writePeople(people);
        this.state.waiting = text;
        try {
            await record.update({[name]: text});
        } finally {
            if (this.state.waiting === text) {
                this.state.waiting = null;
            }
        }
    }

    /** Add people, those that are there already once. */
    add(added) {
        const {people} = this;
        const known = new Set(people.map(({email}) => email.toLowerCase()));
        const fresh = added.filter(({email}) => !known.has(email.toLowerCase()));
        return fresh.length ? this.write([...people, ...fresh]) : undefined;
    }

    remove(index) {
        this.input.el?.focus();
        return this.write(this.people.filter((_person, place) => place !== index));
    }

    /** Put a chip back into the box, to be written anew. */
    edit(index) {
        const person = this.people[index];
        this.remove(index);
        this.state.text = person.name ? writePeople([person]) : person.email;
    }

    clear() {
        browser.clearTimeout(this.timer);
        this.asked++;
        Object.assign(this.state, {text: "", offered: [], active: -1});
        if (this.input.el) {
            // what was typed since it was last drawn is not drawn away
            this.input.el.value = "";
        }
    }

    /** Make chips of what stands in the box. */
    take() {
        const {text} = this.state;
        this.clear();
        return text.trim() ? this.add(parsePeople(text)) : undefined;
    }

    choose(index) {
        const person = this.state.offered[index];
        this.clear();
        this.input.el?.focus();
        return this.add([person]);
    }

    onInput({target}) {
        this.state.text = target.value;
        // what is offered, or on its way, is for another text
        this.asked++;
        this.state.active = -1;
        this.props.record.model.bus.trigger("FIELD_IS_DIRTY", true);
        if (/[,;\n]\s*$/.test(target.value)) {
            return this.take();
        }
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.look(), PAUSE);
    }

    /** Ask whom the text may mean; an answer that comes too late is not heard. */
    async look() {
        const term = this.state.text.trim();
        const asked = ++this.asked;
        const found = term
            ? await this.orm.silent.call(this.props.record.resModel, "complete", [term])
            : [];
        if (asked !== this.asked) {
            return;
        }
        this.heard = asked;
        const there = new Set(this.people.map(({email}) => email.toLowerCase()));
        const offered = found.filter(({email}) => !there.has(email.toLowerCase()));
        const first = offered.length && !this.meansItself(term) ? 0 : -1;
        Object.assign(this.state, {offered, active: first});
    }

    /** A whole address means itself, whatever else begins with it. */
    meansItself(text) {
        return parsePeople(text).every(({email}) => isAddress(email));
    }

    /** Take who is offered for this very text, else the text as it stands. */
    async complete() {
        if (this.heard !== this.asked && !this.meansItself(this.state.text)) {
            browser.clearTimeout(this.timer);
            await this.look();
            if (this.heard !== this.asked) {
                // somebody typed on
                return;
            }
        }
        const {active} = this.state;
        return active >= 0 ? this.choose(active) : this.take();
    }

    onPaste(ev) {
        const text = ev.clipboardData.getData("text/plain");
        if (/[,;\n@]/.test(text)) {
            ev.preventDefault();
            this.clear();
            this.add(parsePeople(text));
        }
    }

    onKeydown(ev) {
        const {text, offered, active} = this.state;
        const step = {ArrowDown: 1, ArrowUp: -1}[ev.key];
        if (step && offered.length && this.heard === this.asked) {
            this.state.active = (active + step + offered.length) % offered.length;
        } else if (ev.key === "Backspace" && !text && this.people.length) {
            this.edit(this.people.length - 1);
        } else if (ev.key === "Escape" && offered.length) {
            Object.assign(this.state, {offered: [], active: -1});
            ev.stopPropagation();
        } else if (ev.key === "Enter" || (ev.key === "Tab" && !ev.shiftKey && text)) {
            if (!text.trim()) {
                return;
            }
            this.complete();
        } else if (!ENDS.includes(ev.key) || !isAddress(text.trim())) {
            return;
        } else {
            this.take();
        }
        ev.preventDefault();
    }
}

registry.category("fields").add("mailbox_people", {
    component: PeopleField,
    displayName: _t("People"),
    supportedTypes: ["char", "text"],
    extractProps: ({placeholder}) => ({placeholder}),
});
