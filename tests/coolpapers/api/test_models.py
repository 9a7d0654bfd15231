from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from coolpapers.api.models import ApiToken, Scope, digest_of, find_token, make_token

pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_its_text_which_is_not_stored() -> None:
    user = get_user_model().objects.create(username="ada")
    token, text = make_token(user=user, name="laptop", scope=Scope.LIBRARY)
    assert find_token(text) == token
    assert token.may_write
    row = ApiToken.objects.values().get()
    assert text not in map(str, row.values())
    assert str(token) == f"laptop ({text[:11]}…)"


def test_tokens_are_unique_and_read_only_by_default() -> None:
    user = get_user_model().objects.create(username="ada")
    made = [make_token(user=user, name="n") for _ in range(3)]
    assert len({text for _token, text in made}) == 3
    assert not made[0][0].may_write


@pytest.mark.parametrize("text", ["", "cp_", "cp_" + "x" * 500, "x", "cp_\ud800"])
def test_other_texts_find_nothing(text: str) -> None:
    assert find_token(text) is None
    assert len(digest_of(text)) == 64


def test_the_token_of_an_inactive_account_is_invalid() -> None:
    user = get_user_model().objects.create(username="ada")
    _token, text = make_token(user=user, name="n")
    user.is_active = False
    user.save()
    assert find_token(text) is None
