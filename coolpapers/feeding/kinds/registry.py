"""The kinds of sources by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coolpapers.feeding.kinds.base import Harvest
from coolpapers.feeding.kinds.feeds import harvest_feed
from coolpapers.feeding.kinds.files import harvest_acl, harvest_folder
from coolpapers.feeding.kinds.openreview import harvest_venues
from coolpapers.feeding.kinds.preprints import harvest_preprints
from coolpapers.feeding.kinds.repositories import harvest_arxiv, harvest_repository, harvest_site
from coolpapers.feeding.models import FeedSource

Kind = FeedSource.Kind
KINDS: Mapping[str, Callable[[Harvest], None]] = {
    Kind.ARXIV: harvest_arxiv,
    Kind.OAI: harvest_repository,
    Kind.SITE: harvest_site,
    Kind.ACL: harvest_acl,
    Kind.OPENREVIEW: harvest_venues,
    Kind.BIORXIV: harvest_preprints,
    Kind.FEED: harvest_feed,
    Kind.FOLDER: harvest_folder,
}
