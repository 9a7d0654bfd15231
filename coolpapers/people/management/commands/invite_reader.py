"""``manage.py invite_reader NAME``: print an invitation link."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from coolpapers.people.accounts.invitations import make_invitation


class Command(BaseCommand):
    help = "Print a link with which one reader can create an account of this name within two weeks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the new account")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        if settings.ACCOUNTS == "off":
            raise CommandError("This site has no accounts; set COOLPAPERS_ACCOUNTS=invited first.")
        try:
            User._meta.get_field("username").clean(name, None)
        except ValidationError as exc:
            raise CommandError(f"{name!r} is not a valid account name: {' '.join(exc.messages)}") from exc
        if User.objects.filter(username__iexact=name).exists():
            raise CommandError(f"The account {name!r} already exists.")
        path = reverse("accounts:sign_up", query={"invitation": make_invitation(name)})
        self.stdout.write(f"{settings.SITE_URL}{path}")
