import json

from odoo import api, models


class MailMailbox(models.Model):
    """Notices on the devices where people allowed Odoo to show them.

    They go Odoo's own way: a row of ``mail.push``, kept in clear until it is sent and
    then passed on by whoever made the browser, so nothing of an email may be in it. It
    is committed with what it tells of, and sent afterwards.
    """

    _inherit = "mail.mailbox"

    @api.model
    def _push(self, person, say, record):
        """Notify one person on their devices; without one nothing happens.

        :param say: gives the words, for an environment in that person's language
        :param record: what opens when the notice is clicked
        """
        # sudo: whether there is a device, and nothing else of it
        threads = self.env["mail.thread"].sudo()
        devices, *_keys = threads._web_push_get_partners_parameters(
            person.partner_id.ids
        )
        if not devices:
            return
        payload = {
            "title": say(self.with_context(lang=person.lang).env),
            "options": {
                "body": "",
                "icon": "/web/static/img/odoo-icon-192x192.png",
                "data": {"model": record._name, "res_id": record.id},
            },
        }
        # sudo: the system notifies
        self.env["mail.push"].sudo().create(
            [
                {"mail_push_device_id": device.id, "payload": json.dumps(payload)}
                for device in devices
            ]
        )
        # sudo: the scheduled action is the system's
        self.env.ref("mail.ir_cron_web_push_notification").sudo()._trigger()
