from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib.auth.models import User
from django.test import Client

from coolpapers.feeding.models import FeedSource
from coolpapers.operating.models import SiteChoice
from coolpapers.reading.pdfs.requests import fetching_decision

pytestmark = pytest.mark.django_db
ANSWERS: dict[str, Any] = {"name": "Papers of our lab", "pdfs": "yes", "sets": ["cs", "stat"], "accounts": "invited"}


@pytest.fixture(autouse=True)
def unchosen(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment decides nothing. The fixture restores the settings that the page changes."""
    for name in ("COOLPAPERS_SITE_NAME", "COOLPAPERS_ACCOUNTS"):
        monkeypatch.delenv(name, raising=False)
    settings.SITE_NAME, settings.ACCOUNTS, settings.FETCH_PDFS = "coolpapers", "off", False
    monkeypatch.setattr("coolpapers.feeding.tasks.harvest_due_sources.delay", lambda: None)  # no outside request


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


def test_the_answers_hold_at_once(admin: Client) -> None:
    page = admin.post("/site/setup", ANSWERS, follow=True).text
    assert "Saved." in page
    assert "· Papers of our lab</title>" in page
    assert (site_settings.ACCOUNTS, fetching_decision()) == ("invited", True)
    source = FeedSource.objects.get()
    assert (source.kind, source.selection, source.hour, source.is_active) == ("arxiv", "cs stat", 6, True)
    assert 'value="Papers of our lab"' in page
    assert page.count("checked") == 4  # two sets, PDFs, accounts


def test_other_answers_replace_them_and_leave_what_the_page_does_not_know(admin: Client) -> None:
    FeedSource.objects.create(name="arXiv", kind="arxiv", selection="cs physics:hep-th", hour=3)
    FeedSource.objects.create(name="Anthology", kind="acl", selection="acl")
    admin.post("/site/setup", {**ANSWERS, "pdfs": "no", "sets": ["math"]})
    source = FeedSource.objects.get(name="arXiv")
    assert (source.selection, source.hour) == ("math physics:hep-th", 3)
    assert fetching_decision() is False
    source.selection = "math"
    source.save()
    admin.post("/site/setup", {**ANSWERS, "sets": []})
    assert FeedSource.objects.get(name="arXiv").is_active is False
    assert FeedSource.objects.get(name="Anthology").is_active


def test_a_source_of_another_kind_may_have_the_usual_name(admin: Client) -> None:
    FeedSource.objects.create(name="arXiv", kind="feed", address="https://example.org/rss")
    assert admin.post("/site/setup", ANSWERS).status_code == 302
    assert FeedSource.objects.get(kind="arxiv").name == "arXiv 2"
    assert FeedSource.objects.get(kind="feed").selection == ""


def test_a_renamed_source_is_changed_and_not_made_again(admin: Client) -> None:
    admin.post("/site/setup", ANSWERS)
    FeedSource.objects.update(name="Daily")
    admin.post("/site/setup", {**ANSWERS, "sets": ["econ"]})
    assert FeedSource.objects.get().selection == "econ"


def test_without_accounts_the_page_is_for_this_machine_only(client: Client) -> None:
    assert client.get("/site/setup").status_code == 200
    assert client.get("/site/setup", REMOTE_ADDR="192.0.2.7").status_code == 403
    assert client.get("/site/setup", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403


@pytest.mark.parametrize("is_staff", [False, True])
def test_with_accounts_it_is_for_administrators_only(client: Client, settings: Any, is_staff: bool) -> None:
    settings.ACCOUNTS = "open"
    client.force_login(User.objects.create_user("bob", is_staff=is_staff))
    assert client.get("/site/setup").status_code == 403
    assert client.post("/site/setup", ANSWERS).status_code == 403
    assert not SiteChoice.objects.exists()


def test_accounts_need_an_administrator(client: Client) -> None:
    response = client.post("/site/setup", ANSWERS)
    assert response.status_code == 422
    assert "manage.py createsuperuser" in response.text
    assert site_settings.ACCOUNTS == "off"
    assert not FeedSource.objects.exists()
    assert client.post("/site/setup", {**ANSWERS, "accounts": "off"}).status_code == 302


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"name": "x" * 61}, {"pdfs": "perhaps"}, {"sets": ["nope"]}, {"accounts": "all"}]
)
def test_wrong_answers_are_refused_and_change_nothing(admin: Client, change: dict[str, Any]) -> None:
    response = admin.post("/site/setup", {**ANSWERS, **change})
    assert response.status_code == 422
    assert "field-error" in response.text
    assert (site_settings.SITE_NAME, fetching_decision(), FeedSource.objects.count()) == ("coolpapers", None, 0)


def test_the_environment_goes_before_the_page(admin: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOLPAPERS_SITE_NAME", "Fixed")
    settings.SITE_NAME = "Fixed"
    assert "COOLPAPERS_SITE_NAME" in admin.get("/site/setup").text
    assert admin.post("/site/setup", ANSWERS).status_code == 302
    assert site_settings.SITE_NAME == "Fixed"
    assert list(SiteChoice.objects.values_list("name", "value")) == [("ACCOUNTS", "invited")]


def test_a_name_is_escaped(admin: Client) -> None:
    page = admin.post("/site/setup", {**ANSWERS, "name": "<script>alert(1)</script>"}, follow=True).text
    assert "<script>alert" not in page
