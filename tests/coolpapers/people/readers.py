"""Readers with an account and without: the same presses, and what they keep wherever that is."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from coolpapers.people.models import Item
from coolpapers.people.models.kinds import Kind

HTMX = {"HX-Request": "true"}


class Reader:
    """Someone who presses buttons. ``items`` is what they keep, wherever that is."""

    def __init__(self, client: Client, user: User | None) -> None:
        self.client, self.user = client, user
        self.browser: dict[tuple[str, str], dict[str, Any]] = {}
        if user is not None:
            client.force_login(user)

    def press(self, address: str, **form: Any) -> str:
        """Post a form; without an account with what the browser keeps, which takes the answer's changes."""
        if self.user is None:
            form["items"] = json.dumps([item for item in self.browser.values() if not item["deleted"]])
        response = self.client.post(address, form, headers=HTMX)
        assert response.status_code == 200
        text = response.content.decode()
        if self.user is None:
            for item in json.loads(unescape(re.findall(r'data-writes="([^"]*)"', text)[0])):
                self.browser[item["kind"], item["key"]] = item
        return text

    def see(self, address: str) -> str:
        if self.user is None:
            return self.press(address)
        return self.client.get(address, headers=HTMX).content.decode()

    def kept(self, kind: Kind) -> dict[str, Any]:
        if self.user is None:
            return {k: item["value"] for (of, k), item in self.browser.items() if of == kind and not item["deleted"]}
        return dict(Item.objects.active(kind).filter(user=self.user).values_list("key", "value"))

    def only_collection(self) -> str:
        (ident,) = self.kept(Kind.COLLECTION)
        return f"/me/collections/{ident}"
