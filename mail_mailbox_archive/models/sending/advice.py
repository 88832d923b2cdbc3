import json

from odoo import api, fields, models
from odoo.tools import LazyTranslate

from ...mailcore.addresses import address, sender_domain
from ...mailcore.send import providers

_lt = LazyTranslate(__name__)

# lazy, because they are translated when somebody reads them
# pylint: disable=prefer-env-translation

SENTENCES = {
    "spf_found": _lt("SPF names the servers that may send for %(domain)s."),
    "spf_missing": _lt(
        "SPF is missing: %(domain)s does not say which servers may send for it. Ask "
        "%(provider)s for the record to put into its DNS."
    ),
    "spf_several": _lt(
        "%(domain)s has more than one SPF record, so none is valid. Keep only one of "
        "them."
    ),
    "spf_not_included": _lt(
        "SPF of %(domain)s does not name %(provider)s. Add the provider's include to "
        "the record."
    ),
    "spf_all": _lt(
        "SPF of %(domain)s lets every server send. End the record with ~all or -all."
    ),
    "dkim_found": _lt("DKIM: a key to sign emails from %(domain)s is published."),
    "dkim_not_found": _lt(
        "No DKIM key of %(domain)s was found under the usual names. Turn on signing "
        "at %(provider)s and publish the key it shows."
    ),
    "dkim_revoked": _lt("The DKIM key of %(domain)s was revoked. Publish a new one."),
    "dmarc_found": _lt("DMARC protects %(domain)s from being imitated."),
    "dmarc_missing": _lt(
        "DMARC is missing: other servers do not know what to do with emails that only "
        "claim to come from %(domain)s. Publish a record, to begin with v=DMARC1; "
        "p=none."
    ),
    "dmarc_several": _lt(
        "%(domain)s has more than one DMARC record, so none is valid. Keep only one "
        "of them."
    ),
    "dmarc_none": _lt(
        "DMARC of %(domain)s only monitors (p=none). When the reports look right, "
        "change it to p=quarantine."
    ),
    "dmarc_policy": _lt(
        "The DMARC record of %(domain)s has no valid policy. Give it p=none, "
        "p=quarantine or p=reject."
    ),
    "offline": _lt(
        "The DNS of %(domain)s could not be queried. Try again when this server is "
        "online."
    ),
}


class MailMailbox(models.Model):
    """Advice: what the domain of a mailbox lacks for its mail to arrive."""

    _inherit = "mail.mailbox"

    domain_findings = fields.Char(readonly=True, copy=False)
    domain_advice = fields.Text(
        "Advice for its domain", compute="_compute_domain_advice"
    )
    domain_verdict = fields.Selection(
        [("good", "Good"), ("weak", "Could be better"), ("unknown", "Not known")],
        compute="_compute_domain_advice",
    )

    @api.depends_context("lang")
    @api.depends("domain_findings", "email", "provider")
    def _compute_domain_advice(self):
        labels = dict(self._selection_provider())
        for mailbox in self:
            findings = mailbox._read_findings()
            values = {
                "domain": (mailbox.email or "").rpartition("@")[2],
                "provider": labels.get(mailbox.provider, ""),
            }
            codes = dict.fromkeys(code for code, _verdict in findings)
            sentences = [self.env._(SENTENCES[code]) for code in codes]
            mailbox.domain_advice = "\n".join(one % values for one in sentences)
            verdicts = {verdict for _code, verdict in findings}
            alone = verdicts.pop() if len(verdicts) == 1 else ""
            if alone not in ("good", "unknown"):
                alone = "weak" if findings else False
            mailbox.domain_verdict = alone

    def _read_findings(self):
        """Return what was found last, as (code, verdict); none that is not known."""
        try:
            findings = json.loads(self.domain_findings or "[]")
        except ValueError:
            return []  # of another version
        return [(code, verdict) for code, verdict in findings if code in SENTENCES]

    def _look_up_domain(self):
        """Return the findings in the DNS of the mailbox's domain, to be stored."""
        self.ensure_one()
        provider = providers.get(self.provider or "smtp")
        try:
            advice = sender_domain.look_up(
                address.normalise(self.email),
                provider.spf_include,
                provider.dkim_selectors,
            )
        except ValueError:
            return False
        return json.dumps([(one.code, one.verdict) for one in advice.findings])

    def action_look_up_domain(self):
        """Check the domain's DNS records again."""
        self.ensure_one()
        self.check_access("write")
        # sudo: what the DNS says is the system's to keep
        self.sudo().domain_findings = self._look_up_domain()
        return self.action_show_advice()

    def action_show_advice(self):
        """Tell whether the mailbox may send, and what its domain lacks."""
        self.ensure_one()
        ready = self.state == "ready"
        text = (
            self.env._("%s is ready to send.", self.email)
            if ready
            else self.env._("%s is not verified yet.", self.email)
        )
        if not ready and self.verification_problem:
            text += "\n" + self.verification_problem
        if self.domain_advice and self.domain_verdict != "good":
            text += "\n" + self.domain_advice
        action = self._get_notification("success" if ready else "warning", text)
        action["params"]["sticky"] = self.domain_verdict == "weak"
        return action
