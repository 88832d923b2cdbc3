/** What a state of delivery looks like; its words come from the server. */
const SHAPES = {
    deferred: {icon: "fa-clock-o", color: "text-warning"},
    accepted: {icon: "fa-check", color: "text-muted"},
    delivered: {icon: "fa-check-circle", color: "text-success"},
    bounced: {icon: "fa-exclamation-circle", color: "text-danger", failed: true},
    refused: {icon: "fa-exclamation-circle", color: "text-danger", failed: true},
};

/** The icon and colour of a state, and whether somebody does not have the mail. */
export function deliveryShape(state) {
    const shape = SHAPES[state] || {icon: "fa-question-circle-o", color: "text-muted"};
    return {failed: false, ...shape};
}
