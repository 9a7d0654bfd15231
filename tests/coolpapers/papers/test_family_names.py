"""What a source says of a name's parts stays with the paper, through the catalogue and every export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from coolpapers.papers.citations import cite
from coolpapers.papers.importing.services import upsert_records
from coolpapers.papers.models import Paper
from tests.coolpapers.papers.make import record

pytestmark = pytest.mark.django_db

TITLE = "The Solitude of Linear Models over a Hundred Years"
FILES = {
    "a.bib": f"@article{{a, title={{{TITLE}}}, author={{Garc{{\\'\\i}}a M{{\\'a}}rquez, Gabriel and Ada Lovelace}}}}",
    "extended.bib": f"@article{{a, title={{{TITLE}}}, "
    "author={family={García Márquez}, given=Gabriel and Lovelace, Ada}}",
    "a.ris": f"TY  - JOUR\nTI  - {TITLE}\nAU  - García Márquez, Gabriel\nAU  - Lovelace, Ada\nER  - \n",
    "a.json": f'[{{"id": "a", "type": "article-journal", "title": "{TITLE}", "author": '
    '[{"family": "García Márquez", "given": "Gabriel"}, {"family": "Lovelace", "given": "Ada"}]}]',
    "a.enw": f"%0 Journal Article\n%T {TITLE}\n%A García Márquez, Gabriel\n%A Lovelace, Ada\n",
    "endnote.xml": "<xml><records><record><ref-type name='Journal Article'>17</ref-type><contributors><authors>"
    "<author>García Márquez, Gabriel</author><author>Lovelace, Ada</author></authors></contributors>"
    f"<titles><title>{TITLE}</title></titles></record></records></xml>",
    "a.nbib": f"PMID- 12345\nTI  - {TITLE}\nFAU - García Márquez, Gabriel\nAU  - García Márquez G\n"
    "FAU - Lovelace, Ada\nAU  - Lovelace A\n",
    "anthology.xml": "<collection id='2024.solo'><volume id='1'><meta><booktitle>Solo 2024</booktitle><year>2024</year>"
    f"</meta><paper id='1'><title>{TITLE}</title><author><first>Gabriel</first><last>García Márquez</last></author>"
    "<author><first>Ada</first><last>Lovelace</last></author></paper></volume></collection>",
    "arxiv.json": f'{{"id": "2401.00001", "title": "{TITLE}", "abstract": "A", "categories": "cs.LG", '
    '"authors": "Gabriel García Márquez, Ada Lovelace", '
    '"authors_parsed": [["García Márquez", "Gabriel", ""], ["Lovelace", "Ada", ""]]}\n',
    "list.jsonl": f'{{"id": "x:1", "title": "{TITLE}", "authors": ["Gabriel García Márquez", "Ada Lovelace"], '
    '"sort_names": ["García Márquez, Gabriel"]}\n',
    "index.jsonl": f'{{"id": "x:1", "title": "{TITLE}", "authors": ["García Márquez, Gabriel", "Lovelace, Ada"]}}\n',
}


def import_text(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    call_command("import_papers", str(path), verbosity=0)


@pytest.mark.parametrize("name", FILES)
def test_a_family_name_of_two_words_comes_out_as_it_came_in(name: str, tmp_path: Path) -> None:
    import_text(tmp_path, name, FILES[name])
    paper = Paper.objects.get()
    assert paper.authors == ["Gabriel García Márquez", "Ada Lovelace"]
    assert paper.sort_names == ["García Márquez, Gabriel"]
    assert "García Márquez, Gabriel" in cite([paper], "bibtex")
    assert "AU  - García Márquez, Gabriel" in cite([paper], "ris")
    assert '"family": "García Márquez"' in cite([paper], "csl")
    assert "%A García Márquez, Gabriel" in cite([paper], "endnote")
    assert "<foaf:surname>García Márquez</foaf:surname>" in cite([paper], "zotero")


@pytest.mark.parametrize("is_bibliography_first", [True, False])
def test_one_source_knows_what_another_does_not(is_bibliography_first: bool, tmp_path: Path) -> None:
    """The text of a work comes from arXiv, whose lines of authors do not tell; a bibliography does."""
    for is_bibliography in (is_bibliography_first, not is_bibliography_first):
        if is_bibliography:
            import_text(tmp_path, "a.bib", FILES["a.bib"].replace("title", "eprint={2401.00001}, title"))
        else:
            names = ["Gabriel García Márquez", "Ada Lovelace"]
            upsert_records([record(key="arxiv:2401.00001", title=TITLE, authors=names)])
    paper = Paper.objects.get()
    assert "García Márquez, Gabriel" in cite([paper], "bibtex")


def test_a_paper_from_before_has_no_note_and_takes_one(tmp_path: Path) -> None:
    import_text(tmp_path, "a.ris", FILES["a.ris"].replace("García Márquez, Gabriel", "Gabriel García Márquez"))
    Paper.objects.update(sort_names=None)
    assert "Márquez, Gabriel García" in cite([Paper.objects.get()], "ris")
    import_text(tmp_path, "b.ris", FILES["a.ris"])
    assert "García Márquez, Gabriel" in cite([Paper.objects.get()], "ris")


def test_an_administrator_says_it_and_imports_leave_it(admin_client: Any, tmp_path: Path) -> None:
    import_text(tmp_path, "list.jsonl", FILES["list.jsonl"])
    paper = Paper.objects.get()
    page = admin_client.get(f"/admin/papers/paper/{paper.pk}/change/")
    form = page.context["adminform"].form
    assert ">\nGarcía Márquez, Gabriel</textarea>" in page.content.decode()
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    values["authors"] = "Gabriel García Márquez\nAda Lovelace"
    values |= dict.fromkeys(("categories", "keywords", "editors", "affiliations", "report_numbers"), "")
    values["sort_names"] = "Márquez, Gabriel García\nLovelace, Ada"
    for inline in page.context["inline_admin_formsets"]:
        for field in inline.formset.management_form.fields:
            values[f"{inline.formset.prefix}-{field}"] = inline.formset.management_form[field].value()
    response = admin_client.post(f"/admin/papers/paper/{paper.pk}/change/", values)
    assert response.status_code == 302
    import_text(tmp_path, "list.jsonl", FILES["list.jsonl"].replace("Hundred", "Hundred and Ten"))
    paper.refresh_from_db()
    assert paper.sort_names == ["Márquez, Gabriel García", "Lovelace, Ada"]
