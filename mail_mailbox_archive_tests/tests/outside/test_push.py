"""What is given to somebody: told to their devices, and opened from there."""

from __future__ import annotations

import json

from ..servers.push import PushService
from .test_team import QueueCase


class TestPush(QueueCase):
    logins = ("push_anna", "push_bob")

    def test_told_once_it_is_committed_and_opened_by_its_own_address(self):
        self.open_office("push_office")
        line = self.receive("Roof")["Roof"]
        service = self.enter(PushService())
        # the pair of keys that a browser's permission begins with
        key = self.bob.call("mail.push.device", "get_web_push_vapid_public_key")
        self.bob.call(
            "mail.push.device",
            "register_devices",
            endpoint=f"{service.url}/bob",
            keys=service.keys,
            vapid_public_key=key,
        )
        self.anna.call("mail.mailbox.arrival", "action_give", [line], self.bob.uid)
        self.wait(lambda: service.requests, "the notice")
        (shown,) = service.shown()
        self.assertEqual(shown["title"], "An email was given to you by Push_anna")
        for word in ("Roof", "jan@", "push_office"):
            self.assertNotIn(word, json.dumps(shown))
        data = shown["options"]["data"]
        # what Odoo's service worker opens
        browser = self.browser(self.bob, "/odoo/{model}/{res_id}".format(**data))
        browser.find(".o-mailbox-MessageViewer-subject", "Roof")
        browser.find(".o-mailbox-TeamBar-owner", "Push_bob")
        self.assertEqual(browser.error(), "")
