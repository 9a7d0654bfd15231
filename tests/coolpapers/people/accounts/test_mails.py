from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail
from django.utils.translation import override

from coolpapers.people.accounts import mails
from tests.coolpapers.people.make import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = "https://papers.example.org"
    settings.SITE_NAME = "Ada & Bob's <papers>"


def test_mails_are_plain_text_with_the_address_on_a_line_of_its_own() -> None:
    mails.send_invitation("o'neil", mails.invitation_address("o'neil"), to="o@example.org")
    body = str(mail.outbox[0].body)
    assert "account o'neil on Ada & Bob's <papers>" in body
    assert [line for line in body.splitlines() if line.startswith("https://papers.example.org/account/sign-up?")]
    assert mail.outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_line_break_in_the_name_of_the_site_adds_no_header(settings: Any) -> None:
    settings.SITE_NAME = "Papers\nBcc: all@example.org"
    assert mails.send_invitation("ada", "https://papers.example.org/x", to="ada@example.org")
    assert mail.outbox[0].recipients() == ["ada@example.org"]
    assert mail.outbox[0].message()["Bcc"] is None


def test_mails_are_in_the_language_of_the_page() -> None:
    user = make_user("ada")
    with override("zh-hans"):
        assert mails.send_email_change(user, "ada@example.org")
    assert "你好" in str(mail.outbox[0].body)


def test_a_link_to_an_address_ends_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("ada")
    mails.send_email_change(user, "ada@example.org")
    token = unquote(str(mail.outbox[0].body).split("token=")[1].split()[0])
    assert mails.read_email_change(user, token) == "ada@example.org"
    monkeypatch.setattr(mails, "EMAIL_CHANGE_S", -1)
    assert mails.read_email_change(user, token) is None
