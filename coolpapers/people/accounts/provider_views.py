"""``/account/provider``: sign in at the institution's OpenID Connect provider, and come back."""

from __future__ import annotations

import logging
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coolpapers.base.throttling import Rate, check_rate, client_name
from coolpapers.people.accounts.identities import connect, find_account
from coolpapers.people.accounts.provider import is_provider_set, read_answer, send_to_provider
from coolpapers.people.accounts.views import require_accounts
from coolpapers.people.errors import ProviderUnreachable, SignInRefused

logger = logging.getLogger(__name__)
RATE = Rate(60, 600)  # sign-ins by one client: each asks the provider
_NEXT = "provider_next"  # in the session: where the reader was


@require_accounts
@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send the reader to the provider. ``next`` is the page to return to.

    A link and not a form: the content policy lets no form end on another site.
    """
    if not is_provider_set():
        return _show(request, _("This site has no sign-in by an institution."), HTTPStatus.NOT_FOUND)
    wait_s = check_rate("provider", client_name(request), RATE)
    if wait_s:
        response = _show(request, _("Too many attempts; try again later."), HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(wait_s)
        return response
    request.session[_NEXT] = request.GET.get("next", "")
    try:
        return send_to_provider(request, settings.SITE_URL + reverse("accounts:provider_answer"))
    except ProviderUnreachable as exc:
        return _unreachable(request, exc)


@require_accounts
@never_cache
@require_safe
def finish(request: HttpRequest) -> HttpResponse:
    """The provider sends the reader back here. A reader who is signed in connects the identity to that account."""
    if not is_provider_set():
        return _show(request, _("This site has no sign-in by an institution."), HTTPStatus.NOT_FOUND)
    address = request.session.pop(_NEXT, "")
    try:
        identity = read_answer(request)
        if request.user.is_authenticated:
            connect(request.user, identity)
            return HttpResponseRedirect(reverse("accounts:show_account", query={"done": "provider"}))
        user = find_account(identity, librarians=settings.OIDC_LIBRARIANS)
    except ProviderUnreachable as exc:
        return _unreachable(request, exc)
    except SignInRefused as exc:
        return _show(request, str(exc), HTTPStatus.FORBIDDEN)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    is_own = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(address if is_own else reverse("people:show_personal"))


def _unreachable(request: HttpRequest, exc: ProviderUnreachable) -> HttpResponse:
    logger.error("Sign-in by %s failed: %s", settings.OIDC_ISSUER, exc)
    return _show(request, _("The sign-in server does not answer. Try again later."), HTTPStatus.BAD_GATEWAY)


def _show(request: HttpRequest, problem: str, status: HTTPStatus) -> HttpResponse:
    return render(request, "people/provider_failed.html", {"problem": problem}, status=status)
