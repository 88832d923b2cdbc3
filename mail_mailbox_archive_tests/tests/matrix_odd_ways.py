"""Odd ways to learn something by asking, each thought of by who wanted to know.

Where ``matrix_ways`` goes through all models in the ordinary ways, these are by hand:
operators that only Odoo's own code writes, groups and orders by dotted paths, keys of a
context, files to import. ``matrix_odd_forms`` has those that first make something.
A way yields calls: (what it is called, a function that returns what was told).
"""

from .matrix_ways import count as found_by
from .matrix_ways import planted, references_to, spec_of

ODD_WAYS = {}


def count(call, model, domain):
    """As :func:`found_by`; a refusal repeats the caller's own words."""
    try:
        return found_by(call, model, domain)
    except Exception:
        return ""


#: The models whose words are looked for; the rest has the same rules.
LOOKED_AT = (
    "mail.mailbox.message",
    "mail.mailbox.arrival",
    "mail.mailbox.link",
    "mail.mailbox.quarantine",
    "mail.mailbox.outbox",
    "mail.mailbox.draft",
    "mail.mailbox.envelope",
)
#: What a caller may write into a context, and somebody might believe.
CONTEXTS = (
    {"active_test": False},
    {"su": True, "sudo": True, "uid": 1},
    {"bypass_access": True, "bypass_search_access": True},
    {"_force_unlink": True, "module": "base", "install_mode": True},
    {"import_file": True, "bin_size": False, "prefetch_fields": False},
    {"mailbox_quiet": True, "mailbox_reacting": 1, "cron_id": 1},
    {"mail_mailbox_archive.composed": {}, "mail_mailbox_archive.glass_checked": [1]},
    {"formatted_display_name": True, "show_address": True, "lang": "en_US"},
    {"default_mailbox_id": 1, "default_origin_id": 1, "default_state": "draft"},
)


def odd_way(function):
    ODD_WAYS[function.__name__] = function
    return function


def looked_at(target):
    return [target.rows[name] for name in LOOKED_AT if name in target.rows]


def words(row):
    """Return a few of the planted words of ``row`` by field."""
    return {name: row[name] for name in planted(row)[:3]}


@odd_way
def opened(call, target):
    """What the viewer is told of an email, and of who signed it."""
    for method in ("get_view_data", "check_signature"):
        for row in (target.rows["mail.mailbox.message"].id, target.signed):
            yield (
                f"{method} {row}",
                lambda method=method, row=row: call(
                    "mail.mailbox.message", method, [row]
                ),
            )


@odd_way
def operators(call, target):
    """Operators that only code writes, and some that tell by finding."""
    for row in looked_at(target):
        for name, word in words(row).items():
            for label, domain in {
                "=like": [(name, "=like", f"{word[:9]}%")],
                "=ilike": [(name, "=ilike", f"%{word[3:12]}%")],
                "not ilike": ["!", (name, "not ilike", word[:9])],
                "in": [(name, "in", [word, False])],
                "<": ["&", (name, ">=", word), (name, "<=", word)],
                "id any": [("id", "any", [(name, "=", word)])],
                "id any!": [("id", "any!", [(name, "=", word)])],
                "display_name": [("display_name", "=ilike", f"%{word[:9]}%")],
                "not not any": ["!", ("id", "not any", [(name, "=", word)])],
                "or true": ["|", (1, "=", 1), (name, "=", word)],
            }.items():
                here = ["&", ("id", "=", row.id), *domain]
                yield (
                    f"{row._name} {name} {label}",
                    lambda row=row, here=here: count(call, row._name, here),
                )


@odd_way
def found_past_the_rules(call, target):
    """``any!`` through whatever refers to it."""
    for row in looked_at(target):
        for other, field in references_to(row, searched=True):
            if not field.relational:
                continue
            for name, word in list(words(row).items())[:1]:
                for operator in ("any!", "any"):
                    domain = [(field.name, operator, [(name, "=", word)])]
                    yield (
                        f"{other._name}.{field.name} {operator} {row._name}",
                        lambda other=other, domain=domain: count(
                            call, other._name, domain
                        ),
                    )


@odd_way
def grouped_by_path(call, target):
    """Groups, aggregates, orders and limits by the fields of something referred to."""
    for row in looked_at(target):
        for other, field in references_to(row):
            if field.type != "many2one":
                continue
            for name in list(words(row))[:2]:
                path = f"{field.name}.{name}"
                for method, args in {
                    "formatted_read_group": ([], [path], ["__count"]),
                    "formatted_read_grouping_sets": ([], [[path], []], ["__count"]),
                    "web_read_group": ([], [path], ["__count"]),
                    "read_group": ([], ["id:count"], [path]),
                }.items():
                    yield (
                        f"{other._name} {method} {path}",
                        lambda other=other, method=method, args=args: call(
                            other._name, method, *args
                        ),
                    )
                yield (
                    f"{other._name} array_agg {path}",
                    lambda other=other, path=path: call(
                        other._name,
                        "formatted_read_group",
                        [],
                        [],
                        [f"{path}:array_agg", f"{path}:max"],
                    ),
                )
                yield (
                    f"{other._name} order {path}",
                    lambda other=other, path=path: call(
                        other._name,
                        "search_read",
                        [],
                        ["display_name"],
                        order=f"{path} desc",
                    ),
                )


@odd_way
def aggregated(call, target):
    for row in looked_at(target):
        for name in words(row):
            for function in (
                "array_agg",
                "array_agg_distinct",
                "max",
                "min",
                "recordset",
            ):
                yield (
                    f"{row._name} {name}:{function}",
                    lambda row=row, name=name, function=function: call(
                        row._name,
                        "formatted_read_group",
                        [],
                        [],
                        [f"{name}:{function}"],
                    ),
                )
            yield (
                f"{row._name} having {name}",
                lambda row=row, name=name: call(
                    row._name,
                    "formatted_read_group",
                    [],
                    [name],
                    ["__count"],
                    having=[("__count", ">", 0)],
                ),
            )
        for name, field in row._fields.items():
            if field.type == "many2one" and field.store:
                yield (
                    f"{row._name} groups of {name}",
                    lambda row=row, name=name: call(
                        row._name,
                        "web_read_group",
                        [],
                        [name],
                        ["__count"],
                        auto_unfold=True,
                        unfold_read_specification=spec_of(row),
                    ),
                )


@odd_way
def panels(call, target):
    """What a search panel and a kanban's progress bar tell."""
    for row in looked_at(target):
        for other, field in references_to(row):
            for method in (
                "search_panel_select_range",
                "search_panel_select_multi_range",
            ):
                yield (
                    f"{other._name} {method} {field.name}",
                    lambda other=other, method=method, field=field: call(
                        other._name,
                        method,
                        field.name,
                        expand=True,
                        enable_counters=True,
                        comodel_domain=[],
                        search_domain=[],
                        limit=500,
                    ),
                )
        yield (
            f"{row._name} progress",
            lambda row=row: call(
                row._name,
                "read_progress_bar",
                [],
                (list(words(row)) or ["id"])[0],
                {"field": (list(words(row)) or ["id"])[-1], "colors": {}},
            ),
        )


@odd_way
def nested(call, target):
    """From what is readable deeper into what is not: three relations deep."""
    row = target.rows["mail.mailbox"]
    deep = spec_of(row)
    for name, field in row._fields.items():
        if field.relational and name in deep:
            inner = spec_of(row.env[field.comodel_name])
            deep[name] = {"fields": inner, "context": {"active_test": False}}
    yield "mailbox web_read", lambda: call("mail.mailbox", "web_read", row.ids, deep)
    yield (
        "mailbox web_search_read",
        lambda: call("mail.mailbox", "web_search_read", [], deep),
    )
    paths = [
        f"{name}/{inner}"
        for name, field in row._fields.items()
        if field.relational
        for inner, one in row.env[field.comodel_name]._fields.items()
        if one.type in ("char", "text", "html") and not field.groups
    ]
    for path in paths:
        if path.split("/")[0] not in ("message_ids", "activity_ids"):
            yield (
                f"mailbox export {path}",
                lambda path=path: call("mail.mailbox", "export_data", row.ids, [path]),
            )
    partner = row.env["res.partner"].search([("name", "=", "Spostex S.A.")], limit=1)
    own = [
        name
        for name, field in partner._fields.items()
        if "mail_mailbox_archive" in field._modules
    ]
    yield (
        "partner web_read",
        lambda: call("res.partner", "web_read", partner.ids, dict.fromkeys(own, {})),
    )


@odd_way
def of_python(call, target):
    """Methods of records that no program may call, or that take a path."""
    for row in looked_at(target):
        path = (list(words(row)) or ["id"])[0]
        for method, args in {
            "mapped": (path,),
            "filtered_domain": ([],),
            "grouped": (path,),
            "sorted": (path,),
            "sudo": (),
            "with_user": (1,),
            "with_env": ({},),
            "browse": (row.id,),
            "fetch": ([path],),
            "search_fetch": ([], [path]),
            "_read_group": ([], [path]),
            "_read_format": ([path],),
            "_read_source": (),
            "_find_readable": (),
            "_compute_display_name": (),
            "read_progress_bar": ([], path, {}),
            "get_field_translations": (path,),
            "get_property_definition": (path,),
            "get_formview_action": (),
            "get_access_action": (),
            "get_external_id": (),
            "check_access": ("read",),
            "has_access": ("read",),
            "exists": (),
            "name_get": (),
            "export_data": ([path, ".id", "id"],),
            "web_save": ({}, {path: {}}),
            "web_resequence": ({path: {}},),
            "action_archive": (),
            "toggle_active": (),
            "message_get_suggested_recipients": (),
            "activity_schedule": (),
        }.items():
            yield (
                f"{row._name}.{method}",
                lambda row=row, method=method, args=args: call(
                    row._name, method, row.ids, *args
                ),
            )


@odd_way
def contexts(call, target):
    """Words in a context that somebody might believe."""
    for row in looked_at(target):
        names = ["display_name", *words(row)]
        for context in CONTEXTS:
            yield (
                f"{row._name} read {context}",
                lambda row=row, names=names, context=context: call(
                    row._name, "read", row.ids, names, context=context
                ),
            )
            yield (
                f"{row._name} search_read {context}",
                lambda row=row, names=names, context=context: call(
                    row._name, "search_read", [], names, context=context
                ),
            )
        companies = row.env["res.company"].search([]).ids
        for allowed in (companies, companies[-1:], [0], [], [10**6]):
            context = {"allowed_company_ids": allowed}
            yield (
                f"{row._name} companies {allowed}",
                lambda row=row, names=names, context=context: call(
                    row._name, "search_read", [], names, context=context
                ),
            )
            yield (
                f"{row._name} read companies {allowed}",
                lambda row=row, names=names, context=context: call(
                    row._name, "read", row.ids, names, context=context
                ),
            )


@odd_way
def imported(call, target):
    """What a file with numbers in it would be told on its way in."""
    for row in looked_at(target):
        for other, field in references_to(row):
            if field.type != "many2one":
                continue
            for head, value in (
                (f"{field.name}/.id", row.id),
                (f"{field.name}", "zq%"),
            ):
                yield (
                    f"load {other._name} {head}",
                    lambda other=other, head=head, value=value: call(
                        other._name, "load", [head], [[str(value)]]
                    ),
                )
        yield (
            f"load {row._name}",
            lambda row=row: call(
                row._name, "load", [".id", *words(row)], [[str(row.id), *words(row)]]
            ),
        )
