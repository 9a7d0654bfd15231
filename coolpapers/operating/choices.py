"""Settings that administrators choose on the page ``/site/setup`` instead of in the environment.

The choices are rows of the database, so all machines of a site share them. Each process writes them into Django's
settings when it starts and every few seconds. A variable of the environment goes before a choice.
"""

from __future__ import annotations

import os

from django.conf import settings

from coolpapers.operating.models import SiteChoice

# Setting → the variable that decides it, and the values that it may have (none: any text).
CHOSEN = {"SITE_NAME": ("COOLPAPERS_SITE_NAME", ()), "ACCOUNTS": ("COOLPAPERS_ACCOUNTS", ("off", "invited", "open"))}


def is_fixed(name: str) -> bool:
    """Whether the environment decides a setting, so that it cannot be chosen."""
    variable = CHOSEN[name][0]
    return variable in os.environ or f"{variable}_FILE" in os.environ


def choose(name: str, value: str) -> None:
    """Store the choice of a setting, and use it from now on.

    Raises
    ------
    ValueError
        If the environment decides the setting, or it cannot have this value.
    """
    allowed = CHOSEN[name][1]
    if is_fixed(name) or not value or (allowed and value not in allowed):
        raise ValueError(f"{name} cannot be {value!r}.")
    SiteChoice.objects.update_or_create(name=name, defaults={"value": value})
    setattr(settings, name, value)


def use_choices() -> None:
    """Write the choices into the settings of this process."""
    for name, value in SiteChoice.objects.filter(name__in=CHOSEN).values_list("name", "value"):
        if not is_fixed(name):
            setattr(settings, name, value)
