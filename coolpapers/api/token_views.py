"""``/account/tokens``: readers create, see and revoke the API tokens of their programs."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from coolpapers.api.models import ApiToken, Scope, make_token
from coolpapers.people.accounts.views import require_accounts

MAX_TOKENS = 50  # of one reader


class TokenForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs only
    class Meta:
        model = ApiToken
        fields = ("name", "scope")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["name"].label = _("What uses the token")
        self.fields["name"].help_text = _("For example “laptop assistant”.")
        self.fields["scope"].label = _("It may")
        self.fields["scope"].widget.choices = Scope.choices


@require_accounts
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_tokens(request: HttpRequest) -> HttpResponseBase:
    """The reader's tokens and a form for a new one, whose text is shown once, in the answer to the form."""
    user = cast(User, request.user)
    form = TokenForm(request.POST or None)
    text = ""
    if request.method == "POST" and form.is_valid():
        if user.api_tokens.count() >= MAX_TOKENS:
            form.add_error(None, _("You have %(n)d tokens; revoke one first.") % {"n": MAX_TOKENS})
        else:
            _token, text = make_token(user=user, **form.cleaned_data)
            form = TokenForm()
    context = {"form": form, "text": text, "tokens": ApiToken.objects.filter(user=user)}
    return render(request, "api/tokens.html", context, status=409 if form.non_field_errors() else 200)


@require_accounts
@never_cache
@login_required
@require_POST
def revoke_token(request: HttpRequest, number: int) -> HttpResponse:
    """Delete one of the reader's own tokens: programs with it are refused from now on."""
    ApiToken.objects.filter(user=cast(User, request.user), pk=number).delete()
    return HttpResponseRedirect(reverse("api:show_tokens"))
