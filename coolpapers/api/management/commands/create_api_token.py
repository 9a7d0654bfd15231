from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.api.models import Scope, make_token


class Command(BaseCommand):
    help = "Make an API token for a reader and print it, once: `create_api_token ada --name laptop --scope library`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="Whose token it is: the name of an account.")
        parser.add_argument("--name", required=True, help="What it is for, to know it by later.")
        parser.add_argument(
            "--scope",
            choices=[scope.value for scope in Scope],
            default=Scope.READ.value,
            help="read (where missing), or library: it may star and collect too.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no account {options['user']!r}.")
        if len(options["name"]) > 80:
            raise CommandError("The name is longer than 80 characters.")
        _token, text = make_token(user=user, name=options["name"], scope=options["scope"])
        self.stdout.write(text)
