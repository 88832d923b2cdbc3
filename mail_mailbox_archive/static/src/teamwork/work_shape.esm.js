import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

/** The icon and words of one that awaits an answer, from when it is overdue in red. */
function dueShape(moment) {
    const said = toLocaleDateTimeString(moment);
    return moment <= luxon.DateTime.now()
        ? {
              icon: "fa-exclamation-circle text-danger",
              label: _t("Overdue since %s", said),
              overdue: _t("Overdue"),
          }
        : {icon: "fa-hourglass-o text-muted", label: _t("Answer due: %s", said)};
}

/**
 * The icon and words of a conversation's state, null for one that is simply open.
 *
 * @param {{state: String, until: String|false, due: String|false}} team
 */
export function workShape({state, until, due}) {
    if (state === "open" && due) {
        return dueShape(deserializeDateTime(due));
    }
    const shapes = {
        waiting: {
            icon: "fa-hourglass-half text-muted",
            label: _t("Waiting for an answer"),
        },
        later: {
            icon: "fa-clock-o text-muted",
            label: until
                ? _t(
                      "Comes back: %s",
                      toLocaleDateTimeString(deserializeDateTime(until))
                  )
                : _t("Later"),
        },
        blocked: {icon: "fa-ban text-muted", label: _t("Sender blocked")},
        done: {icon: "fa-check-square-o text-success", label: _t("Done")},
    };
    return shapes[state] || null;
}
