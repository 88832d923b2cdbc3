"""Odd ways to learn something by making something first; see ``matrix_odd_ways``.

Forms and rows of the core and of ours that are pointed at records of others, others'
records as arguments or put under one's own, and what the core lists of itself.
"""

from odoo.fields import Command

from .matrix_odd_ways import count, looked_at, odd_way
from .matrix_ways import spec_of

#: Forms and rows of the core that name a record: the values, by the record.
POINTED = {
    "mail.compose.message": lambda row: {
        "model": row._name,
        "res_ids": f"[{row.id}]",
        "subject": "{{ object.display_name }}",
        "body": "<t t-out='object.display_name'/>",
        "composition_mode": "mass_mail",
    },
    "mail.activity.schedule": lambda row: {
        "res_model": row._name,
        "res_ids": f"[{row.id}]",
    },
    "mail.activity": lambda row: {
        "res_model_id": row.env["ir.model"]._get_id(row._name),
        "res_id": row.id,
    },
    "mail.followers": lambda row: {
        "res_model": row._name,
        "res_id": row.id,
        "partner_id": row.env.user.partner_id.id,
    },
    "mail.followers.edit": lambda row: {
        "res_model": row._name,
        "res_ids": f"[{row.id}]",
    },
    "mail.scheduled.message": lambda row: {
        "model": row._name,
        "res_id": row.id,
        "subject": "x",
        "body": "x",
        "scheduled_date": "2031-01-01 00:00:00",
    },
    "mail.message": lambda row: {
        "model": row._name,
        "res_id": row.id,
        "body": "x",
        "message_type": "comment",
    },
    "mail.mail": lambda row: {
        "model": row._name,
        "res_id": row.id,
        "body_html": "x",
        "email_to": "x@zq.invalid",
    },
    "mail.template": lambda row: {
        "name": "x",
        "model_id": row.env["ir.model"]._get_id(row._name),
        "subject": "{{ object.display_name }} {{ object.subject }} {{ object.name }}",
        "body_html": "<t t-out='object.display_name'/><t t-out='object.subject'/>",
    },
    "rating.rating": lambda row: {
        "res_model_id": row.env["ir.model"]._get_id(row._name),
        "res_id": row.id,
    },
    "ir.attachment": lambda row: {
        "name": "x",
        "res_model": row._name,
        "res_id": row.id,
        "raw": "eA==",
    },
    "ir.model.data": lambda row: {
        "name": "zq_name",
        "module": "x",
        "model": row._name,
        "res_id": row.id,
    },
    "ir.filters": lambda row: {
        "name": "x",
        "model_id": row._name,
        "domain": f"[('id', '=', {row.id})]",
    },
    "ir.embedded.actions": lambda row: {
        "name": "x",
        "parent_res_id": row.id,
        "parent_res_model": row._name,
        "parent_action_id": 1,
        "python_method": "x",
    },
    "ir.exports": lambda row: {"name": "x", "resource": row._name},
    "mail.alias": lambda row: {
        "alias_name": "x",
        "alias_model_id": row.env["ir.model"]._get_id("res.partner"),
        "alias_parent_model_id": row.env["ir.model"]._get_id(row._name),
        "alias_parent_thread_id": row.id,
    },
    "discuss.channel": lambda row: {"name": "x", "from_message_id": row.id},
    "privacy.lookup.wizard": lambda row: {"name": "zq", "email": "zq@zq.example"},
    "base.partner.merge.automatic.wizard": lambda row: {"group_by_email": True},
    "ir.actions.report": lambda row: {
        "name": "x",
        "model": row._name,
        "report_name": "web.report_layout",
        "print_report_name": "object.display_name",
    },
}


@odd_way
def pointed(call, target):
    """Rows and forms of the core that are pointed at it, read back by who made them."""
    for row in looked_at(target):
        for name, values in POINTED.items():
            if name not in row.env:
                continue
            model = row.env[name]
            given = {
                key: one for key, one in values(row).items() if key in model._fields
            }
            yield (
                f"{name} create {row._name}",
                lambda model=model, given=given: made(call, model, given),
            )
            yield (
                f"{name} onchange {row._name}",
                lambda model=model, given=given: call(
                    model._name, "onchange", [], given, list(given), spec_of(model)
                ),
            )
            context = {f"default_{key}": value for key, value in given.items()}
            context |= {"active_model": row._name, "active_id": row.id}
            context["active_ids"] = row.ids
            yield (
                f"{name} defaults {row._name}",
                lambda model=model, context=context: call(
                    model._name, "onchange", [], {}, [], spec_of(model), context=context
                ),
            )


def made(call, model, values):
    """Make a row, and return what can be read of it afterwards."""
    number = call(model._name, "create", [values])
    number = number if isinstance(number, list) else [number]
    return call(model._name, "read", number, list(spec_of(model)))


@odd_way
def forms_of_ours(call, target):
    """Each dialog of ours opened over records of others."""
    for row in looked_at(target):
        context = {
            "active_model": row._name,
            "active_id": row.id,
            "active_ids": row.ids,
            "mailbox_archive_target": [row._name, row.id],
        }
        for model in row.env.values():
            if not (model._name.startswith("mail.mailbox") and model._transient):
                continue
            spec = spec_of(model)
            yield (
                f"{model._name} over {row._name}",
                lambda model=model, spec=spec, context=context: call(
                    model._name, "onchange", [], {}, [], spec, context=context
                ),
            )
            yield (
                f"{model._name} created over {row._name}",
                lambda model=model, spec=spec, context=context: call(
                    model._name, "web_save", [], {}, spec, context=context
                ),
            )


@odd_way
def with_arguments(call, target):
    """Public methods of ours with the numbers of others as arguments."""
    rows = target.rows
    message, mailbox = rows["mail.mailbox.message"], rows["mail.mailbox"]
    spec = spec_of(message.env["mail.mailbox.draft"])
    for mode in ("reply", "reply_all", "forward", "new"):
        yield (
            f"begin {mode}",
            lambda mode=mode: call(
                "mail.mailbox.draft", "begin", spec, mode, message.id, mailbox.id
            ),
        )
        yield (
            f"compose {mode}",
            lambda mode=mode: call(
                message._name, "prepare_compose", message.ids, mode, mailbox.id
            ),
        )
    for model, number in ((mailbox._name, mailbox.id), (message._name, message.id)):
        for method in ("count_attached", "get_attached"):
            yield (
                f"{method} {model}",
                lambda method=method, model=model, number=number: call(
                    message._name, method, model, number
                ),
            )
        yield (
            f"prepare_new {model}",
            lambda model=model, number=number: call(
                "mail.mailbox.draft", "prepare_new", model, number, "", mailbox.id
            ),
        )
    # sudo: somebody else knows the Message-ID
    written = [message.sudo().message_id or ""]
    yield (
        "find_attached",
        # without the Message-ID, which is told back
        lambda: [
            one["emails"] for one in call(message._name, "find_attached", written)
        ],
    )
    for term in ("zq", "zqp", "zq.example", "%", "_"):
        yield (
            f"complete {term}",
            lambda term=term: call("mail.mailbox.draft", "complete", term, 50),
        )
    yield (
        "progress",
        lambda: call(mailbox._name, "get_import_progress", mailbox.ids),
    )


@odd_way
def reassigned(call, target):
    """Writing a foreign record under one of one's own, and reading it there."""
    own = call("mail.mailbox", "search", [("email", "=like", "%@spedbud.example")])
    for name, field in target.rows["mail.mailbox"]._fields.items():
        row = target.rows.get(field.comodel_name) if field.relational else None
        if not row or field.type == "many2one":
            continue
        for command in (
            Command.link(row.id),
            Command.update(row.id, {"display_name": "x"}),
            Command.set(row.ids),
        ):
            yield (
                f"mailbox.{name} {command[0]}",
                lambda name=name, command=command, own=own: [
                    call("mail.mailbox", "write", own[-1:], {name: [command]}),
                    call("mail.mailbox", "web_read", own[-1:], {name: {"fields": {}}}),
                ],
            )
    files = target.rows["mail.mailbox"].env["ir.attachment"].sudo()
    ours = files.search([("res_model", "=like", "mail.mailbox%"), ("id", "!=", 0)])
    rows = {(one._name, one.id) for one in target.rows.values()}
    ours = ours.filtered(lambda f: (f.res_model, f.res_id) in rows)
    for file in ours:
        for values in (
            {"public": True},
            {"res_model": "res.partner", "res_id": 1, "res_field": False},
            {"res_model": False, "res_id": 0},
            {"access_token": "zq"},
        ):
            yield (
                f"file {values}",
                lambda file=file, values=values: [
                    call("ir.attachment", "write", file.ids, values),
                    call("ir.attachment", "read", file.ids, ["raw", "index_content"]),
                ],
            )
        yield (
            "file token",
            lambda file=file: call("ir.attachment", "generate_access_token", file.ids)
            and "found a token",
        )
        yield (
            "file copied",
            lambda file=file: call(
                "ir.attachment",
                "read",
                call("ir.attachment", "copy", file.ids),
                ["raw", "name", "index_content", "res_name"],
            ),
        )
        yield (
            "file by checksum",
            lambda file=file: count(
                call,
                "ir.attachment",
                [("checksum", "=", file.checksum), ("id", "!=", 0)],
            ),
        )
        yield (
            "file listed",
            lambda: call(
                "ir.attachment",
                "search_read",
                [("id", "!=", 0), ("res_model", "=like", "mail.mailbox%")],
                ["name", "res_name", "index_content", "description"],
            ),
        )


@odd_way
def elsewhere(call, target):
    """What models of the core list of themselves."""
    listed = {
        "mail.message": ["subject", "body", "record_name", "preview", "email_from"],
        "mail.mail": ["subject", "body_html", "email_to", "headers"],
        "mail.notification": ["failure_reason", "display_name"],
        "mail.activity": ["summary", "note", "res_name", "display_name"],
        "mail.followers": ["display_name"],
        "mail.tracking.value": ["old_value_char", "new_value_char"],
        "mail.scheduled.message": ["subject", "body"],
        "ir.model.data": ["name", "complete_name", "display_name", "reference"],
        "ir.logging": ["message"],
        "ir.config_parameter": ["key", "value"],
        "ir.cron": ["name", "code"],
        "ir.mail_server": ["name", "smtp_user", "smtp_pass", "from_filter"],
        "ir.default": ["json_value", "display_name"],
        "res.users.settings": ["display_name"],
        "bus.bus": ["channel", "message"],
        "privacy.log": ["anonymized_email", "execution_details"],
        "rating.rating": ["res_name", "feedback", "resource_ref"],
        "mail.link.preview": ["source_url", "og_title"],
        "mail.message.link.preview": ["display_name"],
        "ir.exports": ["name"],
        "ir.filters": ["name", "domain"],
        "discuss.channel": ["name", "description"],
        "mail.guest": ["name"],
        "res.partner": ["name", "email", "comment"],
        "iap.account": ["name"],
    }
    for name, fields in listed.items():
        if name not in target.rows["mail.mailbox"].env:
            continue
        known = target.rows["mail.mailbox"].env[name]._fields
        fields = [one for one in fields if one in known]
        yield (
            name,
            lambda name=name, fields=fields: call(
                name, "search_read", [], fields, context={"active_test": False}
            ),
        )
    for name in ("mail_ids", "parent_id", "child_ids", "notification_ids"):
        path = {"mail_ids": "body_html"}.get(name, "subject")
        yield (
            f"mail.message {name}",
            lambda name=name, path=path: count(
                call, "mail.message", [(f"{name}.{path}", "like", "zqp")]
            ),
        )
