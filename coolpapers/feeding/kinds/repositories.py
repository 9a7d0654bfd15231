"""OAI-PMH: arXiv, any repository, another site of this software."""

from __future__ import annotations

from coolpapers.feeding.kinds.base import Harvest
from coolpapers.papers.harvesting.harvest import ARXIV_OAI_URL, HarvestRequest, harvest
from coolpapers.papers.models import ImportRun
from coolpapers.papers.sources.site_records import PREFIX


def harvest_arxiv(run: Harvest) -> None:
    """arXiv's sets, or all of arXiv, from where the last harvest ended."""
    _harvest_sets(run, run.source.address or ARXIV_OAI_URL, prefix="arXiv", first_date=run.first_day.isoformat())


def harvest_repository(run: Harvest) -> None:
    """A repository's sets in Dublin Core; without a first day, everything that it has."""
    first_date = run.source.since.isoformat() if run.source.since else ""
    _harvest_sets(run, run.source.address, prefix="oai_dc", first_date=first_date)


def harvest_site(run: Harvest) -> None:
    """Another site's sets with all that it knows."""
    first_date = run.source.since.isoformat() if run.source.since else ""
    _harvest_sets(run, run.source.address, prefix=PREFIX, first_date=first_date)


def _harvest_sets(run: Harvest, url: str, *, prefix: str, first_date: str) -> None:
    for spec in run.selected or [""]:
        request = HarvestRequest(base_url=url, metadata_prefix=prefix, set_spec=spec, first_date=first_date)
        run.add(harvest(request, client=run.client, now=run.now, hooks=run.hooks()))
        has_ended = ImportRun.objects.filter(location=request.location, finished=True).exists()
        if not has_ended or run.should_stop():
            run.is_complete = has_ended and spec == (run.selected or [""])[-1]
            return
