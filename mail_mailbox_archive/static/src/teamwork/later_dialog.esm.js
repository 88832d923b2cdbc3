import {Component, useState} from "@odoo/owl";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {toLocaleDateTimeString} from "@web/core/l10n/dates";

const {DateTime} = luxon;
/** The hours at which a morning and an afternoon begin to be worked in. */
const MORNING = 9;
const AFTERNOON = 15;

/**
 * The moments that one is likely to mean by "later".
 *
 * @param {DateTime} now in the zone of the user
 * @returns {{code: String, label: String, moment: DateTime}[]}
 */
export function laterChoices(now) {
    const at = (day, hour) => day.startOf("day").set({hour});
    const monday = now.plus({days: 8 - now.weekday});
    const choices = [
        {
            code: "afternoon",
            label: _t("This afternoon"),
            moment: at(now, AFTERNOON),
        },
        {
            code: "tomorrow",
            label: _t("Tomorrow"),
            moment: at(now.plus({days: 1}), MORNING),
        },
        {code: "monday", label: _t("Monday"), moment: at(monday, MORNING)},
    ];
    // the Monday that is tomorrow is offered once
    return choices.filter(
        ({code, moment}) =>
            moment > now.plus({minutes: 30}) &&
            !(code === "monday" && now.weekday === 7)
    );
}

/** Asks until when emails are put off. */
export class LaterDialog extends Component {
    static template = "mail_mailbox_archive.LaterDialog";
    static components = {Dialog, DateTimeInput};
    static props = {choose: Function, close: Function};

    setup() {
        this.title = _t("When should it come back?");
        this.choices = laterChoices(DateTime.now());
        this.state = useState({moment: false});
    }

    format(moment) {
        return toLocaleDateTimeString(moment);
    }

    get isPossible() {
        return this.state.moment && this.state.moment > DateTime.now();
    }

    choose(moment) {
        this.props.close();
        return this.props.choose(moment);
    }
}
