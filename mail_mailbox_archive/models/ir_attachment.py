import contextlib
import logging
import os
from pathlib import Path

from odoo import api, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _get_path(self, bin_data, sha):
        """Return where the file store keeps ``bin_data``.

        A process that was killed while it wrote leaves a file that is not what its name
        says. Odoo takes that for a collision and would refuse the same mail for ever;
        such a file is written anew.
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
