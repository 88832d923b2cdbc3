import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

/**
 * The icon and words of a conversation's state, null for one that is simply open.
 *
 * @param {{state: String, until: String|false}} team
 */
export function workShape({state, until}) {
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
