"""``/account/invite``: librarians invite readers, by a link to copy or by mail."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from coolpapers.people.accounts.forms import InvitationForm
from coolpapers.people.accounts.mails import can_send_mail, invitation_address, send_invitation
from coolpapers.people.accounts.views import require_accounts


@require_accounts
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation, show its link, and mail it if an address is given and a mail server is set up."""
    if not request.user.is_staff:
        return render(request, "people/invite.html", status=403)
    form = InvitationForm(request.POST or None)
    context: dict[str, object] = {"form": form, "can_send_mail": can_send_mail(), "accounts": settings.ACCOUNTS}
    if request.method == "POST" and form.is_valid():
        name, address = form.cleaned_data["name"], form.cleaned_data["email"]
        link = invitation_address(name)
        is_sent = bool(address) and can_send_mail() and send_invitation(name, link, to=address)
        context |= {"link": link, "name": name, "address": address, "is_sent": is_sent, "form": InvitationForm()}
    return render(request, "people/invite.html", context)
