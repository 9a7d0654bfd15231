"""Mails about accounts: a new password, a new e-mail address, an invitation.

Links start with COOLPAPERS_SITE_URL, never with the host of the request: whoever asks for the mail of somebody else
would otherwise decide where its link leads. A link to a new address is signed and names the account, its present
address and the new one, so that it works once.
"""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from coolpapers.people.accounts.invitations import INVITATION_S, make_invitation

logger = logging.getLogger(__name__)

EMAIL_CHANGE_S = 86_400  # seconds for which the link to a new address is valid
_SALT = "coolpapers.email"


def can_send_mail() -> bool:
    """Whether a mail server is set up: without one, mails are only printed on the console."""
    return bool(settings.EMAIL_HOST)


def send_reset(address: str) -> bool:
    """Mail a link to a new password to each active account of this address; False if the mail server failed."""
    users = User.objects.filter(email__iexact=address, is_active=True)
    return all(_send_reset_of(user) for user in users if user.has_usable_password())


def _send_reset_of(user: User) -> bool:
    path = reverse(
        "accounts:set_password",
        args=[urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)],
    )
    greeting = _(
        "Hello %(name)s,\n\nsomebody asked for a new password for your account on %(site)s. "
        "Open this link within %(hours)s hours to choose one:"
    ) % _names(user, hours=settings.PASSWORD_RESET_TIMEOUT // 3600)
    end = _("If it was not you, ignore this mail: your password stays as it is.")
    subject = _("New password for %(site)s") % {"site": settings.SITE_NAME}
    return _send(subject, greeting, settings.SITE_URL + path, end, to=user.email)


def send_email_change(user: User, address: str) -> bool:
    """Mail the link that makes ``address`` the account's address to ``address``; False if the mail server failed."""
    token = signing.dumps([user.pk, user.email, address], salt=_SALT, compress=True)
    link = settings.SITE_URL + reverse("accounts:confirm_email", query={"token": token})
    greeting = _(
        "Hello %(name)s,\n\nopen this link within a day to make this the e-mail address of your account on %(site)s:"
    ) % _names(user)
    end = _("If you did not ask for this, ignore this mail.")
    subject = _("Confirm your e-mail address for %(site)s") % {"site": settings.SITE_NAME}
    return _send(subject, greeting, link, end, to=address)


def read_email_change(user: User, token: str) -> str | None:
    """The new address of a link that :func:`send_email_change` sent; None if it is not valid for this account now."""
    try:
        pk, before, address = signing.loads(token, salt=_SALT, max_age=EMAIL_CHANGE_S)
    except signing.BadSignature:
        return None
    return str(address) if (pk, before) == (user.pk, user.email) else None


def tell_former_address(user: User, former: str) -> None:
    """Tell the former address that it is replaced, so that a thief cannot do this unnoticed."""
    greeting = _(
        "Hello %(name)s,\n\nthe e-mail address of your account on %(site)s was changed. "
        "If it was not you, change your password and the address here:"
    ) % _names(user)
    subject = _("Your e-mail address for %(site)s was changed") % {"site": settings.SITE_NAME}
    _send(subject, greeting, settings.SITE_URL + reverse("accounts:show_account"), to=former)


def invitation_address(name: str) -> str:
    """The link with which one account of this name can be created."""
    return settings.SITE_URL + reverse("accounts:sign_up", query={"invitation": make_invitation(name)})


def send_invitation(name: str, link: str, *, to: str) -> bool:
    """Mail an invitation; False if the mail server failed."""
    greeting = _(
        "You are invited to create the account %(name)s on %(site)s, where you find and sift papers. "
        "The link is valid for %(days)s days:"
    ) % {"name": name, "site": settings.SITE_NAME, "days": INVITATION_S // 86_400}
    subject = _("Invitation to %(site)s") % {"site": settings.SITE_NAME}
    return _send(subject, greeting, link, to=to)


def _names(user: User, **values: object) -> dict[str, object]:
    return {"name": user.get_username(), "site": settings.SITE_NAME, **values}


def _send(subject: str, *paragraphs: str, to: str) -> bool:
    headers = {"Auto-Submitted": "auto-generated"}  # RFC 3834: no out-of-office answers
    text = "\n\n".join(paragraphs) + "\n"
    message = EmailMessage(" ".join(subject.split()), text, to=[to], headers=headers)
    try:
        message.send()
    except (SMTPException, OSError):
        logger.exception("The mail server did not take a mail about an account.")
        return False
    return True
