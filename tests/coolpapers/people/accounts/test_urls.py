from __future__ import annotations

from django.urls import resolve, reverse

from coolpapers.people.accounts.urls import urlpatterns


def test_every_address_of_accounts_is_below_account_and_leads_to_its_view() -> None:
    arguments = {"set_password": ["MQ", "token"]}
    for pattern in urlpatterns:
        address = reverse(f"accounts:{pattern.name}", args=arguments.get(str(pattern.name)))
        assert address.startswith("/account/")
        assert resolve(address).func is pattern.callback
