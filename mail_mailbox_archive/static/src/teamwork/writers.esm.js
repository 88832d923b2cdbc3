import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime} from "@web/core/l10n/dates";

const {DateTime} = luxon;

/** Say of one of the others since when an answer of theirs is open. */
export function writerWords({name, since}) {
    const begun = deserializeDateTime(since);
    const time = begun.toLocaleString(DateTime.TIME_SIMPLE);
    return _t("%(name)s has been writing an answer to this email since %(time)s.", {
        name,
        time,
    });
}

/** Who else is writing an answer, each in a line. */
export class Writers extends Component {
    static template = "mail_mailbox_archive.Writers";
    static props = {people: Array};

    setup() {
        this.words = writerWords;
    }
}
