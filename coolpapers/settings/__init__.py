"""Settings of the site, each read from the environment with a default that works on a laptop.

Nothing needs to be set: with an empty environment the site runs on SQLite, keeps all state under
``data/`` and sends mail to the console. ``docs/reference/settings.md`` lists every variable read here;
a test compares the two. Start at ``site``; each module beside it holds the settings of one subject.
"""

from __future__ import annotations

from coolpapers.settings.readers import *
from coolpapers.settings.reading import *
from coolpapers.settings.searching import *
from coolpapers.settings.site import *
from coolpapers.settings.tasks import *
