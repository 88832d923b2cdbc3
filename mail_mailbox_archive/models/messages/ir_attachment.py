import contextlib
import logging
import os
from pathlib import Path

from odoo import api, models
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _check_access(self, operation):
        """Refuse access to the stored bytes of a message; its own methods read them.

        What version 1 stored holds more than all who may read the message may see.
        """
        result = super()._check_access(operation)
        if self.env.su:
            return result
        forbidden = result[0] if result else self.browse()
        # sudo: to what an attachment belongs, which was read just now
        forbidden |= self.sudo().filtered(
            lambda a: a.res_model == "mail.mailbox.message" and a.res_field == "source"
        )
        if not forbidden:
            return None
        refuse = result[1] if result else self._refuse_source
        return forbidden.sudo(False), refuse

    def _refuse_source(self):
        return AccessError(self.env._("An email is downloaded from the email itself."))

    @api.model
    def _get_path(self, bin_data, sha):
        """Return where the file store keeps ``bin_data``.

        A process that was killed while it wrote leaves a file that is not what its name
        says. Odoo takes that for a collision and would refuse the same mail for ever;
        such a file is rewritten.
        """
        try:
            return super()._get_path(bin_data, sha)
        except UserError:
            path = self._full_path(f"{sha[:2]}/{sha}")
            # gone by now, when another process found it as well
            with contextlib.suppress(FileNotFoundError):
                if self._compute_checksum(Path(path).read_bytes()) == sha:
                    raise
                _logger.info("The file %s was written to half and is replaced", sha)
                os.unlink(path)
            return super()._get_path(bin_data, sha)
