from odoo.exceptions import UserError


def refuse_named(records):
    """Refuse to delete what alone keeps a rule from being about everything.

    That is what a field that is empty for "all" names: each such field, and no other,
    is ``ondelete="restrict"``. Without this, people would get the database's words.

    :raises UserError: a row names one of ``records``
    """
    for field in _narrowing(records):
        # sudo: rules that the person may not see count as well
        rows = records.env[field.model_name].sudo().with_context(active_test=False)
        naming = rows.search([(field.name, "in", records.ids)], limit=1)
        named = naming[field.name] & records
        if named:
            raise UserError(
                records.env._(
                    "“%(name)s” cannot be deleted: something is limited to it "
                    "(%(kind)s), and would be about everything without it. Change or "
                    "delete that first, or ask a mail administrator to.",
                    name=named[:1].display_name,
                    kind=records.env["ir.model"]._get(rows._name).name,
                )
            )


def _narrowing(records):
    for name, model in records.env.items():
        if name.startswith("mail.mailbox") and not model._abstract:
            for field in model._fields.values():
                if (
                    field.type == "many2many"
                    and field.store
                    and field.ondelete == "restrict"
                    and field.comodel_name == records._name
                ):
                    yield field
