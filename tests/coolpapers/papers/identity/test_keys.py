from __future__ import annotations

from coolpapers.papers.identity.keys import keys_of

TITLE = "A title that is long enough to match"


def test_spellings_of_one_work_share_their_keys() -> None:
    one = keys_of("Étude: a title that is long enough", ["Müller, Jörg", "Ada Example"])
    other = keys_of("Etude, a title that is long enough!", ["Joerg Mueller", "A. Example"])
    assert one == other
    assert None not in one
    assert one.match


def test_a_short_title_counts_with_its_first_author() -> None:
    assert keys_of("Vision", ["Mary Moe"]).title != keys_of("Vision", ["Pat Poe"]).title
    assert keys_of("Vision", ["Mary Moe"]).title == keys_of("Vision", ["M. Moe"]).title
    assert keys_of("Vision", ()).title is None


def test_a_long_title_counts_without_authors() -> None:
    assert keys_of(TITLE, ()).title == keys_of(TITLE, ["Ada Example"]).title
    assert keys_of(TITLE, ()).match == keys_of(TITLE, ()).match == ""
    assert keys_of(TITLE, ()).authors is None


def test_papers_of_the_same_people_find_each_other_under_any_title() -> None:
    people = ["Ada Example", "Bo Ray"]
    assert keys_of(TITLE, people).authors == keys_of("Something else", people).authors
    assert keys_of(TITLE, people).authors != keys_of(TITLE, [*people, "Cy Dee"]).authors


def test_a_single_author_counts_with_the_words_of_the_title() -> None:
    key = keys_of("The flows of a cold fluid in tubes", ["A B"]).authors
    assert key is not None
    assert key == keys_of("Flow of cold fluids in tubes", ["A. B"]).authors
    assert key != keys_of("Flows of sand in hot deserts", ["A B"]).authors
    assert keys_of("Flows", ["A B"]).authors is None


def test_the_copies_of_a_paper_share_title_and_first_author() -> None:
    assert keys_of(TITLE, ["Ada Example"]).match == keys_of(TITLE, ["A. Example", "Bo Ray"]).match
    assert keys_of(TITLE, ["Ada Example"]).match != keys_of(TITLE, ["Bo Example"]).match
    assert len(keys_of(TITLE, ["A" * 500]).match) <= 64
