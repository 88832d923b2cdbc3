from lxml.builder import E

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import hmac

from ..mailbox.arguments import checked, number, record_id, text
from ..mailbox.reader import composed_once

GROUP = "mail_mailbox_archive.group_user"
#: Messages of one page of the tab, at most.
MAX_PAGE = 80
#: A record with more messages than this is not counted to the end.
MAX_COUNT = 1000
# What is not inside another view, nor hidden from somebody or at some time.
OPEN = "[not(ancestor::field) and not(ancestor-or-self::*[@invisible or @groups])]"
# The box of buttons; also one for every employee (Project, Events), or hidden on a new
# record (Departments; Lots say it in words of their own) as our button is.
BOX = (
    "//div[@name='button_box' and not(ancestor::field or ancestor::*[@invisible or "
    "@groups])][not(@groups) or @groups='base.group_user']"
    "[not(@invisible) or @invisible='not id' or @invisible='not display_complete']"
)
# Any box of the form itself, whoever sees it when.
ANY_BOX = "//div[@name='button_box' and not(ancestor::field)]"


class Base(models.AbstractModel):
    """The form of every enabled record type has the tab "Attached - Emails".

    It is put in when a form is loaded, before the form is cached and cut to the rights
    of who sees it, so that neither the model nor its views are touched.
    """

    _inherit = "base"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and self._shows_archived_mail():
            _add_tab(arch, self.env._("Attached - Emails"))
        return arch, view

    @api.model
    def _shows_archived_mail(self):
        return (
            not self._abstract
            and "mail.mailbox.record.type" in self.env
            and self._name
            in self.env["mail.mailbox.record.type"]._get_tab_model_names()
        )


class MailMailboxRecordType(models.Model):
    _inherit = "mail.mailbox.record.type"

    @api.model
    @tools.ormcache()
    def _get_tab_model_names(self):
        """Return the models whose forms have the tab: those of active types."""
        # sudo: which models are enabled is no secret, but part of every form
        types = self.sudo().search([("active", "=", True)])
        names = dict.fromkeys(types.mapped("res_model"))
        return tuple(name for name in names if name in self.env)

    @api.model
    def _get_tab_version(self, version):
        """Return ``version`` of what browsers cache, which changes with the tabs."""
        names = sorted(self._get_tab_model_names())
        return hmac(self.env(su=True), "mail_mailbox_archive.tabs", (version, names))

    def _forget_models(self):
        result = super()._forget_models()
        # browsers keep forms as well
        group = self.env.ref(GROUP, raise_if_not_found=False)
        if group:
            group._bus_send("mail_mailbox_archive/record_types", {})
        return result

    @api.model
    def _find_for(self, record):
        """Return the active type of ``record``, rather one whose domain fits."""
        types = self.search([("res_model", "=", record._name)])
        for record_type in types:
            # sudo: only whether the domain fits is asked, of a record the user reads
            if record.sudo().filtered_domain(record_type._get_domain()):
                return record_type
        return types[:1]


class MailMailboxMessage(models.Model):
    """The messages that are attached to one record, as the tab lists them."""

    _inherit = "mail.mailbox.message"

    @api.model
    @api.readonly
    @checked(res_model=text, res_id=record_id)
    def count_attached(self, res_model, res_id):
        """Return how many messages on a record the user may read, up to a limit."""
        domain = self._get_attached_domain(res_model, res_id)
        return self.env["mail.mailbox.link"].search_count(domain, limit=MAX_COUNT)

    @api.model
    @api.readonly
    @checked(res_model=text, res_id=record_id, search=text, offset=number, limit=number)
    def get_attached(self, res_model, res_id, search="", offset=0, limit=20):
        """Return a page of the messages on a record that the user may read.

        :param search: words to be found in the messages, "" for all
        :return: dict of ``total`` and ``messages``, newest first; texts are to be
            escaped by who shows them
        """
        with composed_once(self.env):
            return self._get_attached(
                self._get_attached_domain(res_model, res_id, search),
                offset,
                min(max(limit, 1), MAX_PAGE),
            )

    @api.model
    def _get_attached(self, domain, offset, limit):
        # a link is read by who may open its record and read its message
        links = self.env["mail.mailbox.link"]
        page = links.search(domain, offset, limit, order="mailbox_message_id")
        total = offset + len(page)
        if len(page) == limit or (offset and not page):
            total = links.search_count(domain, limit=max(MAX_COUNT, total + 1))
        messages = [link._get_attached_data() for link in page]
        return {"total": total, "messages": messages}

    @api.model
    def _get_attached_domain(self, res_model, res_id, search=""):
        model = self.env.get(res_model)
        if model is None or model._abstract or not model._auto:
            return Domain.FALSE
        links = self.env["mail.mailbox.link"]
        domain = links._get_about_domain(model.browse(res_id))
        if search:
            # any!: that the message is one the user may read is asked of the link
            words = Domain("content", "ilike", search)
            domain &= Domain("mailbox_message_id", "any!", words)
        return domain


class MailMailboxLink(models.Model):
    _inherit = "mail.mailbox.link"

    def _get_attached_data(self):
        self.ensure_one()
        message = self.mailbox_message_id
        return {
            "id": message.id,
            "link_id": self.id,
            "may_detach": self.can_unfile,
            "subject": message.subject or "",
            "people": message.email_from or "",
            "preview": message.preview or "",
            "attachment_count": message.attachment_count,
            "roles": message.role_ids.mapped("display_name"),
            "date": fields.Datetime.to_string(message.date),
        }


def _add_tab(form, title):
    """Put the tab into the view ``form``, last in its notebook or in a new one."""
    page = E.page(
        E.widget(name="mailbox_attached_emails"),
        name="mailbox_archive",
        string=title,
        groups=GROUP,
        invisible="not id",
    )
    count = E.widget(name="mailbox_attached_count", groups=GROUP, invisible="not id")
    notebooks = form.xpath(f"//notebook{OPEN}")
    if notebooks:
        notebooks[0].append(page)
        _append(form, count)
    else:
        _append(form, count, E.notebook(page))
    if not form.xpath(ANY_BOX):
        # as Time Off and Maintenance
        for sheet in form.xpath(f"//sheet{OPEN}")[:1]:
            sheet.insert(0, E.div({"class": "oe_button_box"}, name="button_box"))
    for box in form.xpath(BOX)[:1]:
        box.append(
            E.widget(name="mailbox_attached_button", groups=GROUP, invisible="not id")
        )


def _append(form, *nodes):
    """Append to the sheet of ``form``, or to itself before what stands at its end."""
    sheets = form.xpath(f"//sheet{OPEN}")
    if sheets:
        sheets[0].extend(nodes)
        return
    end = next((child for child in form if child.tag in ("chatter", "footer")), None)
    place = len(form) if end is None else form.index(end)
    form[place:place] = nodes
