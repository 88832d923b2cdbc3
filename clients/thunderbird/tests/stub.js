/** A stand-in for Thunderbird: what the scripts use of `messenger`, and what is noted. */

import {readFileSync} from "node:fs";

const WORDS = JSON.parse(
    readFileSync(new URL("../_locales/en/messages.json", import.meta.url))
);

class Happening {
    listeners = [];

    addListener(listener) {
        this.listeners.push(listener);
    }

    /** Have it happen; wait for what it leads to. */
    happen(...args) {
        return Promise.all(this.listeners.map((listener) => listener(...args)));
    }
}

/** A sentence as Thunderbird makes it; what is not there is noticed. */
export function getMessage(name, values = []) {
    if (!WORDS[name]) {
        throw new Error(`no sentence ${name}`);
    }
    const {message, placeholders = {}} = WORDS[name];
    return message.replace(/\$([A-Z]+)\$/g, (_all, key) => {
        const {content} = placeholders[key.toLowerCase()];
        return values[Number(content.slice(1)) - 1];
    });
}

/**
 * Put a new Thunderbird in place, as the scripts find it.
 *
 * @param {Object} kept what is in its storage
 * @returns {Object} `shown`: messages by tab; `opened`: addresses in the browser; `button`:
 *     by tab; `origins`: permissions; `answersRequest`: what the person says when asked
 */
export function makeThunderbird(kept = {}) {
    const state = {
        kept: {...kept},
        shown: {},
        selected: [],
        opened: [],
        optionsOpened: 0,
        button: {},
        menu: null,
        origins: new Set(),
        asked: [],
        answersRequest: true,
    };
    const note =
        (name) =>
        async ({tabId, ...details}) => {
            const button = (state.button[tabId] ||= {});
            button[name] = Object.values(details)[0];
        };
    const messenger = {
        commands: {onCommand: new Happening()},
        i18n: {getMessage, getUILanguage: () => "en"},
        mailTabs: {getSelectedMessages: async () => ({messages: state.selected})},
        menus: {
            create(menu, done) {
                state.menu = menu;
                done();
            },
            onClicked: new Happening(),
            onShown: new Happening(),
            refresh: async () => undefined,
            update: async (_id, change) => Object.assign(state.menu, change),
        },
        messageDisplay: {
            getDisplayedMessages: async (tabId) => ({
                messages: state.shown[tabId] || [],
            }),
            onMessagesDisplayed: new Happening(),
        },
        messageDisplayAction: {
            setBadgeBackgroundColor: async () => undefined,
            setBadgeText: note("badge"),
            setLabel: note("label"),
            setTitle: note("title"),
        },
        permissions: {
            contains: async ({origins}) =>
                origins.every((one) => state.origins.has(one)),
            remove: async ({origins}) =>
                origins.forEach((one) => state.origins.delete(one)),
            async request({origins}) {
                state.asked.push(...origins);
                if (state.answersRequest) {
                    origins.forEach((one) => state.origins.add(one));
                }
                return state.answersRequest;
            },
        },
        runtime: {
            lastError: null,
            openOptionsPage: async () => {
                state.optionsOpened += 1;
            },
        },
        storage: {
            local: {
                clear: async () => {
                    state.kept = {};
                },
                get: async (defaults) => ({...defaults, ...state.kept}),
                set: async (values) => Object.assign(state.kept, values),
            },
        },
        tabs: {
            onRemoved: new Happening(),
            query: async () => [{id: 1, type: "mail"}],
        },
        windows: {openDefaultBrowser: async (url) => state.opened.push(url)},
    };
    globalThis.messenger = messenger;
    return Object.assign(state, {messenger});
}

/** Load a script once more, as Thunderbird does when it starts one. */
export function run(script) {
    run.count = (run.count || 0) + 1;
    return import(`../${script}?${run.count}`);
}

/**
 * Have `fetch` answer, and note what it was asked.
 *
 * @param {Function} answer (Message-IDs) → what Odoo gives, or a status
 */
export function makeOdoo(answer) {
    const calls = [];
    globalThis.fetch = async (url, options) => {
        calls.push({url, ...options});
        const given = await answer(JSON.parse(options.body).message_ids);
        const status = typeof given === "number" ? given : 200;
        return new Response(status === 200 ? JSON.stringify(given) : "{}", {status});
    };
    return calls;
}

/** Have a page in place: elements are found by id, and remember what is done to them. */
export function makePage() {
    const elements = {};
    const make = () => ({
        children: [],
        hidden: false,
        listeners: {},
        placeholder: "",
        textContent: "",
        value: "",
        addEventListener(name, listener) {
            this.listeners[name] = listener;
        },
        append(...children) {
            this.children.push(...children);
        },
        /** Do something to it, as a person does. */
        do(name) {
            return this.listeners[name]({preventDefault: () => undefined});
        },
    });
    globalThis.document = {
        createElement: make,
        getElementById: (id) => (elements[id] ||= make()),
    };
    globalThis.window = {close: () => undefined};
    return (id) => document.getElementById(id);
}
