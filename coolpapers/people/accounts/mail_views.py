"""``/account/reset`` and ``/account/email``: a new password and a new e-mail address, confirmed by mail."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from coolpapers.base.throttling import Rate, check_rate, client_name
from coolpapers.people.accounts.forms import EmailForm, ResetForm
from coolpapers.people.accounts.mails import (
    can_send_mail,
    read_email_change,
    send_email_change,
    send_reset,
    tell_former_address,
)
from coolpapers.people.accounts.views import require_accounts

# Mails that one client may have sent, and mails to one address: nobody's mailbox is filled by strangers.
CLIENT_RATE, ADDRESS_RATE = Rate(20, 3600), Rate(3, 3600)


def mail_wait_s(request: HttpRequest, address: str) -> int:
    """Count a mail to ``address``; return the seconds to wait if there were too many, else 0."""
    return check_rate("account-mail", client_name(request), CLIENT_RATE) or check_rate(
        "account-mail-to", address.strip().lower(), ADDRESS_RATE
    )


@require_accounts
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_reset(request: HttpRequest) -> HttpResponse:
    """``/account/reset``: mail a link to a new password. The answer is the same whether or not there is an account."""
    if not can_send_mail():
        return render(request, "people/no_mail.html", status=404)
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["email"]
        wait_s = mail_wait_s(request, address)
        if wait_s:
            return _refuse(request, "people/reset.html", form, wait_s)
        if not send_reset(address):
            return _fail(request, "people/reset.html", form)
        return render(request, "people/reset.html", {"sent_to": address})
    return render(request, "people/reset.html", {"form": form})


class SetPassword(PasswordResetConfirmView):
    """The page of the mailed link. Other devices are signed out, because a new password ends their sessions."""

    template_name = "people/set_password.html"
    success_url = reverse_lazy("accounts:sign_in", query={"done": "password"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.pop("site_name", None)  # Django's is the host name; the one of the settings must stay
        return context


set_password = require_accounts(SetPassword.as_view())


@require_accounts
@never_cache
@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_email(request: HttpRequest) -> HttpResponseBase:
    """``/account/email``: store a new address once the link mailed to it is opened.

    Without a mail server, and when the address is removed, it is stored at once.
    """
    user = cast(User, request.user)
    form = EmailForm(request.POST or None, user=user, initial={"email": user.email})
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/email.html", {"form": form})
    address = form.cleaned_data["email"]
    if not address or not can_send_mail():
        _store(user, address)
        return HttpResponseRedirect(reverse("accounts:show_account", query={"done": "email"}))
    wait_s = mail_wait_s(request, address)
    if wait_s:
        return _refuse(request, "people/email.html", form, wait_s)
    if not send_email_change(user, address):
        return _fail(request, "people/email.html", form)
    return render(request, "people/email.html", {"sent_to": address})


@require_accounts
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_email(request: HttpRequest) -> HttpResponseBase:
    """``/account/email/confirm?token=``: a button, because programs that check mails open every link in them."""
    user = cast(User, request.user)
    address = read_email_change(user, request.GET.get("token", ""))
    if address is None:
        return render(request, "people/confirm_email.html", {"address": None}, status=403)
    if request.method == "POST":
        _store(user, address)
        return HttpResponseRedirect(reverse("accounts:show_account", query={"done": "email"}))
    return render(request, "people/confirm_email.html", {"address": address})


def _store(user: User, address: str) -> None:
    former, user.email = user.email, address
    user.save(update_fields=["email"])
    if former and former != address and can_send_mail():
        tell_former_address(user, former)


def _refuse(request: HttpRequest, template: str, form: ResetForm | EmailForm, wait_s: int) -> HttpResponse:
    form.add_error(None, _("Too many mails were requested; try again later."))
    response = render(request, template, {"form": form}, status=429)
    response["Retry-After"] = str(wait_s)
    return response


def _fail(request: HttpRequest, template: str, form: ResetForm | EmailForm) -> HttpResponse:
    form.add_error(None, _("The mail server did not take the mail. Nothing was changed; try again later."))
    return render(request, template, {"form": form}, status=503)
