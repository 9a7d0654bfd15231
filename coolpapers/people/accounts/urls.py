"""Addresses of accounts."""

from __future__ import annotations

from django.urls import path

from coolpapers.people.accounts import invitation_views, mail_views, provider_views
from coolpapers.people.accounts import views as account_views

app_name = "accounts"
urlpatterns = [
    path("account/", account_views.show_account, name="show_account"),
    path("account/sign-in", account_views.sign_in, name="sign_in"),
    path("account/sign-up", account_views.sign_up, name="sign_up"),
    path("account/sign-out", account_views.sign_out, name="sign_out"),
    path("account/signed-out", account_views.show_signed_out, name="show_signed_out"),
    path("account/password", account_views.change_password, name="change_password"),
    path("account/reset", mail_views.ask_reset, name="ask_reset"),
    path("account/reset/<uidb64>/<token>", mail_views.set_password, name="set_password"),
    path("account/email", mail_views.change_email, name="change_email"),
    path("account/email/confirm", mail_views.confirm_email, name="confirm_email"),
    path("account/invite", invitation_views.invite, name="invite"),
    path("account/provider", provider_views.start, name="start_provider"),
    path("account/provider/answer", provider_views.finish, name="provider_answer"),
    path("account/delete", account_views.delete, name="delete"),
]
