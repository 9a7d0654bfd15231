"""``manage.py set_role NAME reader|librarian|admin``: what an account may do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.people.accounts.roles import Role, role_of, set_role


class Command(BaseCommand):
    help = "Make an account a reader, a librarian (changes the library at /admin/) or an administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the account")
        parser.add_argument("role", choices=[role.value for role in Role])

    def handle(self, *args: Any, name: str, role: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name!r}. Invite its reader first: manage.py invite_reader {name}")
        is_last = role_of(user) is Role.ADMIN and User.objects.filter(is_superuser=True, is_active=True).count() == 1
        if is_last and role != Role.ADMIN.value:
            raise CommandError(f"{name!r} is the only administrator; make another account one first.")
        set_role(user, Role(role))
        self.stdout.write(f"{name} is now: {role}")
