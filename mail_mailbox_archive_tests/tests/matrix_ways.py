"""The ways to learn something of a row that one may not read, each for any model.

A way yields calls as they come from outside: (what it is called, a function that
returns what was told). What is told is looked through for tokens; of a search, which
tells by finding, any hit is told. ``call(model, method, *args)`` does what a request
does.
"""

from odoo.fields import Command

from .reliability.extent import extent

WAYS = {}
WORDS = ("char", "text", "html")
#: How models of the core name a record of any model: the model's field, the id's.
NAMED = (
    ("res_model", "res_id"),
    ("model", "res_id"),
    ("parent_res_model", "parent_res_id"),
    ("res_model", "res_ids"),
    ("model", "res_ids"),
)


def way(function):
    WAYS[function.__name__] = function
    return function


def words_of(model):
    return [
        field.name
        for field in model._fields.values()
        if field.type in WORDS and field.store and not field.groups
    ]


def planted(row):
    """Return the fields of ``row`` that hold a token."""
    return [name for name in words_of(row) if "zq" in str(row[name] or "")]


def some(names):
    """Return all of ``names`` in the long form, and a few of them in the short one."""
    return extent(names[:2], names)


def spec_of(model, depth=1):
    """Return a specification of all fields, with the names of what they refer to."""
    spec = {}
    for name, field in model._fields.items():
        if field.groups and "base.group_no_one" not in field.groups:
            continue
        spec[name] = {}
        if field.relational and depth:
            spec[name] = {"fields": {"display_name": {}}}
    return spec


@way
def read(call, model, row):
    """In the long form each field alone: one that fails does not hide the next."""
    names = list(spec_of(model))
    yield "all", lambda: call(model._name, "read", row.ids, names)
    for name in extent((), names):
        yield name, lambda name=name: call(model._name, "read", row.ids, [name])


@way
def web_read(call, model, row):
    yield "all", lambda: call(model._name, "web_read", row.ids, spec_of(model))
    for name, spec in extent({}, spec_of(model)).items():
        yield (
            name,
            lambda name=name, spec=spec: call(
                model._name, "web_read", row.ids, {name: spec}
            ),
        )


@way
def listed(call, model, row):
    """What is found without naming it."""
    names = ["display_name", *words_of(model)]
    yield "search_read", lambda: call(model._name, "search_read", [], names)
    yield (
        "archived",
        lambda: call(
            model._name, "search_read", [], names, context={"active_test": False}
        ),
    )
    yield (
        "web_search_read",
        lambda: call(model._name, "web_search_read", [], spec_of(model)),
    )


@way
def found(call, model, row):
    """What is told by finding it."""
    here = [("id", "=", row.id)]
    for name in some(planted(row)):
        domain = [*here, (name, "=", row[name])]
        yield name, lambda domain=domain: count(call, model._name, domain)
    yield "id", lambda: count(call, model._name, here)
    name = row[model._rec_name] if model._rec_name in planted(row) else ""
    yield "name_search", lambda: call(model._name, "name_search", name)
    spec = {"display_name": {}}
    yield "web_name_search", lambda: call(model._name, "web_name_search", name, spec)


@way
def listed_by_conversation(call, model, row):
    """What the line of a conversation tells of it."""
    if "conversation_line" not in model._fields:
        return
    here = [("id", "=", row.id)]
    spec = spec_of(model)
    yield "page", lambda: call(model._name, "web_read_conversations", [], spec)
    yield "one", lambda: call(model._name, "web_read_conversations", here, spec)
    yield "lines", lambda: call(model._name, "get_conversation_lines", [], row.ids)
    yield (
        "number",
        lambda: (
            f"found {hits}"
            if (hits := call(model._name, "count_conversations", here))
            else ""
        ),
    )


@way
def found_by_path(call, model, row):
    """What is told by finding something else that refers to it."""
    for other, field in references_to(model, searched=True):
        if not field.relational:
            continue
        words = some(planted(row))
        for word in words:
            domain = [(f"{field.name}.{word}", "=", row[word])]
            yield (
                f"{other._name}: {field.name}.{word}",
                lambda other=other, domain=domain: count(call, other._name, domain),
            )
        domain = [(field.name, "ilike", row[words[0]])] if words else []
        yield (
            f"{other._name}: {field.name}",
            lambda other=other, domain=domain, name=field.name: call(
                other._name, "search_read", domain, ["display_name", name]
            ),
        )


@way
def grouped(call, model, row):
    names = [
        name
        for name, field in model._fields.items()
        if field.store and field.type not in ("binary", "one2many") and not field.groups
    ]
    for name in extent(words_of(model)[:1], names):
        yield (
            name,
            lambda name=name: call(
                model._name, "formatted_read_group", [], [name], ["__count"]
            ),
        )
    yield (
        "web_read_group",
        lambda: call(model._name, "web_read_group", [], words_of(model)[:1] or ["id"]),
    )


@way
def exported(call, model, row):
    names = [
        f"{name}/display_name" if field.relational else name
        for name, field in model._fields.items()
        if not field.groups and field.type != "binary"
    ]
    yield "all", lambda: call(model._name, "export_data", row.ids, names)
    for name in extent((), names):
        yield name, lambda name=name: call(model._name, "export_data", row.ids, [name])


@way
def copied(call, model, row):
    yield "copy", lambda: call(model._name, "copy_data", row.ids)
    yield (
        "copy and read",
        lambda: call(model._name, "read", call(model._name, "copy", row.ids)),
    )


@way
def metadata(call, model, row):
    yield "metadata", lambda: call(model._name, "get_metadata", row.ids)
    yield "default_get", lambda: call(model._name, "default_get", list(model._fields))
    yield (
        "onchange",
        lambda: call(model._name, "onchange", row.ids, {}, [], spec_of(model)),
    )


@way
def referred(call, model, row):
    """A form of one's own that refers to it, by any field of any model."""
    for other, field in references_to(model):
        spec = spec_of(other)
        value = [Command.link(row.id)] if "2many" in field.type else row.id
        if field.type == "reference":
            value = f"{model._name},{row.id}"
        if field.type == "many2one_reference":
            given = {field.model_field: model._name, field.name: row.id}
        else:
            given = {field.name: value}
        context = {f"default_{name}": value for name, value in given.items()}
        at = f"{other._name}.{field.name}"
        yield (
            f"onchange {at}",
            lambda other=other, given=given, spec=spec: call(
                other._name, "onchange", [], dict(given), list(given), spec
            ),
        )
        yield (
            f"default_get {at}",
            lambda other=other, context=context: call(
                other._name, "default_get", list(other._fields), context=context
            ),
        )
        yield (
            f"first onchange {at}",
            lambda other=other, context=context, spec=spec: call(
                other._name, "onchange", [], {}, [], spec, context=context
            ),
        )


@way
def called(call, model, row):
    """Every public method of ours, with nothing but the record."""
    for name in public_methods(model):
        yield name, lambda name=name: call(model._name, name, row.ids)


def count(call, model, domain):
    """Return what makes a hit a leak: the search tells by finding."""
    hits = call(model, "search_count", domain)
    return f"found {hits}" if hits else ""


def references_to(model, searched=False):
    """Return the (model, field) that can refer to a row of ``model``.

    Of ours all that name any model count; of the core's those that have a field for it.

    :param searched: also what is not stored, and can be searched by all the same
    """
    for other in model.env.values():
        if other._abstract:
            continue
        for field in other._fields.values():
            there = field.store or (searched and field.search)
            if field.relational and there and field.comodel_name == model._name:
                yield other, field
            elif field.type in ("reference", "many2one_reference") and field.store:
                if other._name.startswith("mail.mailbox"):
                    yield other, field


#: Buttons that go out to servers by a transaction of their own.
OUTSIDE = {"action_oauth_sign_in", "action_discover"}


def public_methods(model):
    names = set()
    for cls in type(model).mro():
        if (cls.__module__ or "").startswith("odoo.addons.mail_mailbox_archive."):
            for name, value in vars(cls).items():
                if callable(value) and not name.startswith("_"):
                    names.add(name)
    return sorted(
        name
        for name in names - OUTSIDE
        if not getattr(getattr(type(model), name), "_api_private", False)
        and name not in ("create", "write", "unlink", "onchange", "default_get")
    )
