"""What audits tell librarians by mail."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coolpapers.operating.models import AuditedDay
from coolpapers.people.state.languages import language_of

logger = logging.getLogger(__name__)

MAX_NAMED = 20  # papers of a day that a mail names


def mail_missing(days: Sequence[AuditedDay]) -> int:
    """Mail the days with missing papers to staff with an address; return the number of mails.

    A mail that fails is logged. The next audit reports what is still missing.
    """
    days = sorted((day for day in days if day.n_missing), key=lambda day: day.day)
    n_mails = 0
    for user in User.objects.filter(is_staff=True, is_active=True).exclude(email="") if days else []:
        with translation.override(language_of(user)):
            subject, text = compose(days)
            try:
                n_mails += send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
            except (SMTPException, OSError) as exc:
                logger.warning("The mail about missing papers to %s failed: %s", user.get_username(), exc)
    return n_mails


def compose(days: Sequence[AuditedDay]) -> tuple[str, str]:
    """Subject and text."""
    n_missing = sum(day.n_missing for day in days)
    missing = ngettext("%(count)d paper is missing", "%(count)d papers are missing", n_missing) % {"count": n_missing}
    lines = [
        _("{location}, {day}: {missing} of {listed} papers are missing.").format(
            location=day.location, day=day.day.isoformat(), missing=day.n_missing, listed=day.n_listed
        )
        + f"\n  {' '.join(day.missing[:MAX_NAMED])}{' …' if day.n_missing > MAX_NAMED else ''}"
        for day in days
    ]
    cure = _("Harvest these days again on {address}").format(address=f"{settings.SITE_URL}/status")
    return f"{settings.SITE_NAME}: {missing}", "\n".join([*lines, "", cure, ""])
