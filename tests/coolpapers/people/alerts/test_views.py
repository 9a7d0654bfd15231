from __future__ import annotations

import pytest
from django.test import Client

from coolpapers.people.models import AlertState
from coolpapers.people.searches.subscriptions import unsubscribe_token
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


def test_get_changes_nothing_and_post_unsubscribes() -> None:
    user = make_user()
    client = Client(enforce_csrf_checks=True)  # a mail program has neither cookie nor token
    address = f"/me/alerts/stop/{unsubscribe_token(user)}"
    response = client.get(address)
    assert "Unsubscribe" in response.content.decode()
    assert not AlertState.objects.exists()
    assert response.headers["Referrer-Policy"] == "no-referrer"
    # RFC 8058, section 3.2
    response = client.post(address, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert "You will receive no more e-mail alerts" in response.content.decode()
    assert AlertState.objects.get(user=user).stopped_at is not None
    assert "You will receive no more e-mail alerts" in client.get(address).content.decode()
    assert "again" in client.post(address, {"again": "1"}).content.decode()
    assert AlertState.objects.get(user=user).stopped_at is None


@pytest.mark.parametrize("token", ["x", "1:x", "1"])
def test_an_invalid_link_is_reported(client: Client, token: str) -> None:
    for response in (client.get(f"/me/alerts/stop/{token}"), client.post(f"/me/alerts/stop/{token}")):
        assert response.status_code == 404
        assert "This link is not valid" in response.content.decode()
    assert not AlertState.objects.exists()
