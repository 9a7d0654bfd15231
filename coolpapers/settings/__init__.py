"""Settings of the site, each read from the environment with a default that works on a laptop.

Nothing needs to be set: with an empty environment the site runs on SQLite, keeps all state under
``data/`` and writes mail to the console. ``docs/reference/settings.md`` lists every variable read here;
a test compares the two. Each module here holds the settings of one subject; start at ``site``.
"""

from __future__ import annotations

from coolpapers.settings.places import *
from coolpapers.settings.readers import *
from coolpapers.settings.reading import *
from coolpapers.settings.searching import *
from coolpapers.settings.site import *
from coolpapers.settings.tasks import *
from coolpapers.settings.watching import *
