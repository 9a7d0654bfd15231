"""Forms of signing in and up, with a limit on attempts.

Attempts are counted in Django's cache, not in tables: names that somebody tried and addresses that tried them are no
business of a database, and what a restart forgets is ten minutes. Start at :class:`LimitedSignIn`.
"""

from __future__ import annotations

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

PER_S = 600
# One name from one address has SIGN_IN_RATE attempts; an address, which a whole lab may share, has more, and so has a
# name, so that a stranger cannot lock its owner out from elsewhere and many strangers together still cannot guess.
ADDRESS_FACTOR, NAME_FACTOR = 5, 10


def sign_in_wait_s(request: HttpRequest | None, name: str) -> int:
    """Count an attempt; the seconds to wait where there were too many, else 0."""
    address = client_name(request) if request is not None else ""
    limit, folded = settings.SIGN_IN_RATE, name.strip().lower()
    return (
        check_rate("sign-in", f"{address}\n{folded}", Rate(limit, PER_S))
        or check_rate("sign-in-address", address, Rate(limit * ADDRESS_FACTOR, PER_S))
        or check_rate("sign-in-name", folded, Rate(limit * NAME_FACTOR, PER_S))
    )


class LimitedSignIn(AuthenticationForm):
    """Django's form, which looks at no password while there are too many attempts. ``wait_s`` says for how long."""

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
        return super().clean()


class LimitedAdminSignIn(LimitedSignIn, AdminAuthenticationForm):
    """The same for librarians at ``/admin/``."""


class SignUpForm(UserCreationForm):  # type: ignore[type-arg] # generic in the stubs only
    """A name, a password, and where one wants mails, an address. ``name`` is fixed by an invitation."""

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


class DeleteForm(forms.Form):
    """Deleting an account asks for its password."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise ValidationError(_("Wrong password."), code="wrong")
        return password
