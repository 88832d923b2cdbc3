"""A folder on disk instead of a mail server: the smallest provider there can be."""

import json
import os
import uuid
from pathlib import Path

from odoo.addons.mail_mailbox_archive.mailcore.errors import SendDeferred
from odoo.addons.mail_mailbox_archive.mailcore.send import providers


@providers.register
class FolderProvider(providers.Provider):
    """Writes each email as a file, and who gets it beside it."""

    code = "folder"
    label = "Folder on disk"
    max_bytes = 100_000_000
    capabilities = providers.Capabilities(max_recipients=10_000, null_sender=True)
    settings = (providers.Setting("folder", "Folder", "On the server", required=True),)

    def __init__(self, settings):
        self._folder = Path(settings["folder"])

    def check(self):
        if not os.access(self._folder, os.W_OK):
            raise SendDeferred("deferred", f"{self._folder} cannot be written to.")
        return f"{len(list(self._folder.glob('*.eml')))} emails are there"

    def _send(self, outgoing):
        name = uuid.uuid4().hex
        try:
            (self._folder / f"{name}.json").write_text(json.dumps(outgoing.recipients))
            (self._folder / f"{name}.eml").write_bytes(outgoing.as_bytes())
        except OSError as error:
            raise SendDeferred("deferred", error.strerror) from None
        accepted = providers.same_for_all(outgoing.recipients, "accepted")
        return providers.SendResult(accepted, name)
