import {describe, expect, test} from "@odoo/hoot";
import {laterChoices} from "@mail_mailbox_archive/teamwork/later_dialog.esm";

const {DateTime} = luxon;

describe.current.tags("headless");

function choices(text) {
    return laterChoices(DateTime.fromISO(text)).map(
        ({code, moment}) => `${code} ${moment.toFormat("yyyy-MM-dd HH:mm")}`
    );
}

test("later is this afternoon, tomorrow or Monday", () => {
    expect(choices("2026-12-02T08:10:00")).toEqual([
        "afternoon 2026-12-02 15:00",
        "tomorrow 2026-12-03 09:00",
        "monday 2026-12-07 09:00",
    ]);
});

test("no afternoon that is over, and no Monday twice", () => {
    expect(choices("2026-12-02T14:45:00")).toEqual([
        "tomorrow 2026-12-03 09:00",
        "monday 2026-12-07 09:00",
    ]);
    // a Sunday
    expect(choices("2026-12-06T20:00:00")).toEqual(["tomorrow 2026-12-07 09:00"]);
    // a Monday: the next one
    expect(choices("2026-12-07T20:00:00")).toEqual([
        "tomorrow 2026-12-08 09:00",
        "monday 2026-12-14 09:00",
    ]);
});
