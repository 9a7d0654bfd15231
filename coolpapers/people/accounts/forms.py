"""Sign-in and sign-up forms with rate-limited attempts.

Attempts are counted in the cache, not in the database: attempted names and client addresses should not be stored for
long, and a restart loses ten minutes of counts at most. Start at :class:`LimitedSignIn`.
"""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from coolpapers.base.throttling import Rate, check_rate, client_name
from coolpapers.people.errors import ProviderUnreachable, SignInRefused

logger = logging.getLogger(__name__)

PER_S = 600
# SIGN_IN_RATE limits one name from one address. An address has a higher limit because a whole lab may share it. A name
# has a higher limit too: one stranger cannot lock the owner out, and many strangers together still cannot guess.
ADDRESS_FACTOR, NAME_FACTOR = 5, 10


def sign_in_wait_s(request: HttpRequest | None, name: str) -> int:
    """Count an attempt; return the seconds to wait if there were too many, else 0."""
    address = client_name(request) if request is not None else ""
    limit, folded = settings.SIGN_IN_RATE, name.strip().lower()
    return (
        check_rate("sign-in", f"{address}\n{folded}", Rate(limit, PER_S))
        or check_rate("sign-in-address", address, Rate(limit * ADDRESS_FACTOR, PER_S))
        or check_rate("sign-in-name", folded, Rate(limit * NAME_FACTOR, PER_S))
    )


class LimitedSignIn(AuthenticationForm):
    """Django's form, which checks no password after too many attempts; ``wait_s`` is the time to wait."""

    wait_s = 0

    def clean(self) -> dict[str, Any]:
        self.wait_s = sign_in_wait_s(self.request, self.cleaned_data.get("username") or "")
        if self.wait_s:
            minutes = -(-self.wait_s // 60)
            raise ValidationError(
                ngettext(
                    "Too many attempts. Try again in %(n)d minute.",
                    "Too many attempts. Try again in %(n)d minutes.",
                    minutes,
                )
                % {"n": minutes},
                code="too_many",
            )
        try:
            return super().clean()
        except SignInRefused as exc:
            raise ValidationError(str(exc), code="refused") from exc
        except ProviderUnreachable as exc:
            logger.error("Sign-in failed: %s", exc)
            raise ValidationError(_("The sign-in server does not answer. Try again later."), code="down") from exc


class LimitedAdminSignIn(LimitedSignIn, AdminAuthenticationForm):
    """The same for administrators at ``/admin/``."""


class SignUpForm(UserCreationForm):  # type: ignore[type-arg] # generic in the stubs only
    """A name, a password and an optional e-mail address. ``name`` is fixed by an invitation."""

    class Meta:
        model = User
        fields = ("username", "email")

    def __init__(self, *args: Any, name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("Optional; used only for e-mail alerts that you turn on.")
        if name:
            self.fields["username"].initial = name
            self.fields["username"].disabled = True
            self.fields["username"].help_text = ""


class PasswordConfirmed(forms.Form):
    """Asks for the password of a reader who is signed in, unless the account has none (it signs in elsewhere)."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise ValidationError(_("Wrong password."), code="wrong")
        return password


class DeleteForm(PasswordConfirmed):
    """Confirms the deletion of an account."""


class EmailForm(PasswordConfirmed):
    """A new e-mail address, or none."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("Used for the alerts that you turn on and for a forgotten password. Leave it empty to remove it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("email", "password")


class ResetForm(forms.Form):
    """Asks for the address that the link to a new password is sent to."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class InvitationForm(forms.Form):
    """The name of the account to invite to, and the address that the invitation is sent to."""

    name = forms.CharField(
        label=_("Account name"),
        max_length=150,
        validators=[*User._meta.get_field("username").validators],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("There is an account of this name."), code="taken")
        return name
