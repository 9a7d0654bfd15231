"""``/account/``: sign in, up and out, change the password, delete the account. COOLPAPERS_ACCOUNTS enables it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from coolpapers.base.outage_pages import outage_response
from coolpapers.base.sessions import SessionStore
from coolpapers.base.throttling import Rate, check_rate, client_name
from coolpapers.people.accounts.forms import DeleteForm, LimitedSignIn, SignUpForm
from coolpapers.people.accounts.invitations import delete_account, read_invitation
from coolpapers.people.accounts.provider import is_provider_set
from coolpapers.people.models import ProviderIdentity

SIGN_UP_RATE = Rate(20, 3600)  # new accounts per address; a class may sign up together

View = Callable[..., HttpResponseBase]


def require_accounts(view: View) -> View:
    """Answer 404 with a page that says so if accounts are disabled."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.ACCOUNTS == "off":
            return render(request, "people/no_accounts.html", status=404)
        return view(request, *args, **kwargs)

    return wrapped


class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = LimitedSignIn
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {
            "may_sign_up": settings.ACCOUNTS == "open",
            "has_provider": is_provider_set(),
            "provider_name": settings.OIDC_NAME,
            "can_reset": bool(settings.EMAIL_HOST),
            "is_password_new": self.request.GET.get("done") == "password",
        }
        del context["site_name"]  # Django's is the host name; the one of the settings must stay
        return context

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.wait_s:
            response.status_code = 429
            response["Retry-After"] = str(form.wait_s)
        return response


class ChangePassword(PasswordChangeView):
    template_name = "people/change_password.html"
    success_url = reverse_lazy("accounts:show_account", query={"done": "password"})


sign_in = require_accounts(SignIn.as_view())
change_password = require_accounts(ChangePassword.as_view())


class SignOut(LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out; 503 where the session cannot be deleted, although this browser forgets it."""
        session = cast(SessionStore, request.session)
        response = super().post(request, *args, **kwargs)
        return outage_response(request, session.outage) if session.outage else response


sign_out = SignOut.as_view(next_page=reverse_lazy("accounts:show_signed_out"))


@require_accounts
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """``/account/sign-up``; ``?invitation=`` is required unless sign-up is open."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("people:show_personal"))
    token = request.GET.get("invitation", "")
    name = read_invitation(token) if token else None
    if name is None and (token or settings.ACCOUNTS != "open"):
        return render(request, "people/not_invited.html", {"is_invalid": bool(token)}, status=403)
    form = SignUpForm(request.POST or None, name=name or "")
    if request.method == "POST" and form.is_valid():
        wait_s = check_rate("sign-up", client_name(request), SIGN_UP_RATE)
        if wait_s:
            form.add_error(None, _("Too many accounts were created from your network address; try again later."))
            response = render(request, "people/sign_up.html", {"form": form}, status=429)
            response["Retry-After"] = str(wait_s)
            return response
        user = _create_account(form)
        if user is not None:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return HttpResponseRedirect(reverse("people:show_personal"))
        form.add_error("username", User._meta.get_field("username").error_messages["unique"])
    return render(request, "people/sign_up.html", {"form": form})


def _create_account(form: SignUpForm) -> User | None:
    """The account of a checked form; None if another request took its name since."""
    try:
        with transaction.atomic():
            return cast(User, form.save())
    except IntegrityError:
        return None


@require_accounts
@never_cache
@login_required
@require_safe
def show_account(request: HttpRequest) -> HttpResponseBase:
    user = cast(User, request.user)
    context = {
        "done": request.GET.get("done", ""),
        "can_connect": is_provider_set() and not ProviderIdentity.objects.filter(user=user).exists(),
        "provider_name": settings.OIDC_NAME,
    }
    return render(request, "people/account.html", context)


@require_accounts
@never_cache
@sensitive_post_parameters("password")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponseBase:
    """Delete the account with all its data. Administrators' accounts can only be deleted at ``/admin/``."""
    user = cast(User, request.user)
    form = DeleteForm(request.POST or None, user=user)
    if user.is_staff:
        return render(request, "people/delete_account.html", status=403)
    if request.method == "POST" and form.is_valid():
        logout(request)
        delete_account(user)
        return HttpResponseRedirect(reverse("accounts:show_signed_out"))
    return render(request, "people/delete_account.html", {"form": form})


@never_cache
@require_safe
def show_signed_out(request: HttpRequest) -> HttpResponse:
    """The page after sign-out, on which the browser deletes its copy of the account's data."""
    return render(request, "people/signed_out.html")
