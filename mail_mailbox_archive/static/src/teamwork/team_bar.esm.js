import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {Notes} from "./notes.esm";
import {Writers} from "./writers.esm";
import {useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";
import {useTeamNews} from "./team_live.esm";
import {workShape} from "./work_shape.esm";

/** Who has the open email of the Queue, and the buttons to change it. */
export class TeamBar extends Component {
    static template = "mail_mailbox_archive.TeamBar";
    static components = {Dropdown, DropdownItem, Notes, Writers};
    static props = {
        arrivalId: Number,
        /** Lines in further mailboxes, put away and opened with it. */
        alsoIds: {type: Array, optional: true},
        mailboxId: {type: [Number, Boolean]},
    };

    setup() {
        this.service = useService("mailbox_team");
        this.asked = 0;
        this.state = useState({team: null, people: [], unsubscribe: false});
        // the email does not wait for it
        onWillStart(() => {
            this.open(this.props.arrivalId);
        });
        onWillUpdateProps(({arrivalId}) => {
            if (arrivalId !== this.props.arrivalId) {
                this.state.team = null;
                this.open(arrivalId);
            }
        });
        useTeamNews(
            this,
            (id) => id === this.props.mailboxId,
            () => this.load(this.props.arrivalId)
        );
    }

    /** Whoever opens an email has read it here. */
    async open(arrivalId) {
        this.opened = arrivalId;
        const team = await this.load(arrivalId);
        // also where news had it asked for once more meanwhile
        if (team?.unread && arrivalId === this.opened) {
            await this.service.opened([arrivalId]);
        }
    }

    /** Show what is asked for last; return what is known of the email. */
    async load(arrivalId) {
        this.asked++;
        const {asked} = this;
        const [row] = await this.service.read([arrivalId]);
        if (asked === this.asked) {
            this.state.team = row?.team || null;
        }
        return row?.team;
    }

    async loadPeople() {
        this.state.people = await this.service.people(this.ids);
    }

    async loadUnsubscribe() {
        this.state.unsubscribe = await this.service.unsubscribeWay(
            this.props.arrivalId
        );
    }

    unsubscribe() {
        return this.service.unsubscribe(this.props.arrivalId, this.state.unsubscribe);
    }

    get owner() {
        return this.state.team.owner;
    }

    get isMine() {
        return this.owner && this.owner.id === user.userId;
    }

    /** The mailbox does not want to see what this sender writes. */
    get isBlocked() {
        return this.state.team.state === "blocked";
    }

    get work() {
        return workShape(this.state.team);
    }

    get ids() {
        return [this.props.arrivalId];
    }

    /** Nobody is given, and no sender blocked, in a mailbox that is not looked at. */
    get also() {
        return this.props.alsoIds || [];
    }

    take() {
        return this.service.take(this.ids);
    }

    give(userId) {
        return this.service.give(this.ids, userId);
    }
}
