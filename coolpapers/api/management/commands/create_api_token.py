from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coolpapers.api.models import Scope, make_token


class Command(BaseCommand):
    help = "Create an API token and print it once: `create_api_token ada --name laptop --scope library`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="Name of the account that owns the token.")
        parser.add_argument("--name", required=True, help="What uses the token; shown in the list of tokens.")
        parser.add_argument(
            "--scope",
            choices=[scope.value for scope in Scope],
            default=Scope.READ.value,
            help="read (the default), or library, which may also star and collect.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no account {options['user']!r}.")
        if len(options["name"]) > 80:
            raise CommandError("The name is longer than 80 characters.")
        _token, text = make_token(user=user, name=options["name"], scope=options["scope"])
        self.stdout.write(text)
