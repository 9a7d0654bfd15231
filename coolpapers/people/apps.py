from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "coolpapers.people"
    label = "people"

    def ready(self) -> None:
        from django.contrib import admin

        from coolpapers.people.accounts.forms import LimitedAdminSignIn

        admin.site.login_form = LimitedAdminSignIn
