from __future__ import annotations

import json

from django.template import Context, Template

from coolpapers.papers.citations.embedded.schema_org import scholarly_article, script_json
from coolpapers.papers.citations.work import describe_work
from tests.coolpapers.papers.works import make_conference_paper, make_journal_paper, make_paper


def test_a_preprint_is_a_scholarly_article_with_people_and_identifiers() -> None:
    article = scholarly_article(describe_work(make_paper()), page_url="https://papers.test/arxiv/2406.01234")
    assert (article["@type"], article["datePublished"]) == ("ScholarlyArticle", "2025-01-09")
    assert article["author"][0] == {
        "@type": "Person",
        "name": "Ada Lovelace",
        "familyName": "Lovelace",
        "givenName": "Ada",
    }
    assert article["identifier"] == [{"@type": "PropertyValue", "propertyID": "arXiv", "value": "2406.01234"}]
    assert article["url"] == "https://papers.test/arxiv/2406.01234"


def test_volume_and_journal_nest_as_schema_org_wants() -> None:
    part = scholarly_article(describe_work(make_journal_paper()))["isPartOf"]
    assert part == {
        "@type": "PublicationVolume",
        "volumeNumber": "D54",
        "isPartOf": {"@type": "Periodical", "name": "Phys.Rev."},
    }


def test_an_organisation_is_one() -> None:
    article = scholarly_article(describe_work(make_conference_paper(authors=["NLLB Team"])))
    assert article["author"] == [{"@type": "Organization", "name": "NLLB Team"}]


def test_in_a_template_the_script_cannot_be_ended_and_stays_json() -> None:
    article = scholarly_article(describe_work(make_paper(title='</script><img src=x> & "quotes"')))
    rendered = Template('<script type="application/ld+json">{{ data }}</script>').render(
        Context({"data": script_json(article)})
    )
    body = rendered.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert "<" not in body
    assert "&" not in body
    assert json.loads(body) == article
