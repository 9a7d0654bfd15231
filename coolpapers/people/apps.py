from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "coolpapers.people"
    label = "people"

    def ready(self) -> None:
        from django.contrib import admin

        from coolpapers.papers.importing.followers import register_follower
        from coolpapers.people.accounts import invitations  # noqa: F401 - its receivers
        from coolpapers.people.accounts.forms import LimitedAdminSignIn
        from coolpapers.people.state.following import ItemFollower

        admin.site.login_form = LimitedAdminSignIn
        register_follower(ItemFollower())
