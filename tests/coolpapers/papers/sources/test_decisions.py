from __future__ import annotations

import pytest

from coolpapers.papers.sources.decisions import Decision, read_decision, read_verdict

ICLR = "ICLR.cc/2024/Conference"


@pytest.mark.parametrize(
    ("venue", "venueid", "decision"),
    [
        ("ICLR 2024 poster", ICLR, Decision("ICLR 2024", "Poster")),
        ("ICLR 2024 oral", ICLR, Decision("ICLR 2024", "Oral")),
        ("ICLR 2024 spotlight", ICLR, Decision("ICLR 2024", "Spotlight")),
        ("ICLR 2023 notable top 5%", "ICLR.cc/2023/Conference", Decision("ICLR 2023", "Oral")),
        ("ICLR 2023 notable top 25%", "ICLR.cc/2023/Conference", Decision("ICLR 2023", "Spotlight")),
        ("Submitted to ICLR 2024", f"{ICLR}/Rejected_Submission", Decision("ICLR 2024", "Rejected")),
        ("Withdrawn Submission", f"{ICLR}/Withdrawn_Submission", Decision("ICLR 2024", "Withdrawn")),
        ("ICLR 2024 Desk Rejected", f"{ICLR}/Desk_Rejected_Submission", Decision("ICLR 2024", "Rejected")),
        ("Submitted to ICLR 2024", f"{ICLR}/Submission", Decision("ICLR 2024", "Submitted")),
        ("ICLR 2022 Submitted", "ICLR.cc/2022/Conference", Decision("ICLR 2022", "Submitted")),
        ("ICLR 2024 Conference Withdrawn Submission", "", Decision("ICLR 2024", "Withdrawn")),
        ("Accepted by TMLR", "TMLR", Decision("TMLR", is_journal=True)),
        ("Submitted to TMLR", "TMLR/Under_Review", Decision("TMLR", "Submitted", is_journal=True)),
        ("Rejected by TMLR", "TMLR/Rejected", Decision("TMLR", "Rejected", is_journal=True)),
        (
            "NeurIPS 2023 Workshop on Foo",
            "NeurIPS.cc/2023/Workshop/Foo",
            Decision("NeurIPS 2023 Workshop on Foo", "Workshop", is_workshop=True),
        ),
        (
            "FM-Wild",
            "ICML.cc/2024/Workshop/FM-Wild",
            Decision("ICML 2024 Workshop FM-Wild", "Workshop", is_workshop=True),
        ),
        (
            "ICML 2024 Workshop FM-Wild Oral",
            "ICML.cc/2024/Workshop/FM-Wild",
            Decision("ICML 2024 Workshop FM-Wild", "Workshop", is_workshop=True),
        ),
        (
            "ICLR 2024 Invite to Workshop Track",
            "ICLR.cc/2024/Conference",
            Decision("ICLR 2024 Workshop Track", "Workshop", is_workshop=True),
        ),
        ("Blogposts @ ICLR 2024", "ICLR.cc/2024/BlogPosts", Decision("ICLR 2024 Blog Posts Track", "Blogpost")),
        ("ICLR Blogposts 2024", "ICLR.cc/2024/BlogPosts", Decision("ICLR 2024 Blog Posts Track", "Blogpost")),
        ("BT@ICLR2022", "ICLR.cc/2022/BlogPosts", Decision("ICLR 2022 Blog Posts Track", "Blogpost")),
        ("ICLR 2023 TinyPapers", "", Decision("ICLR 2023 Tiny Papers Track", "Tiny Paper")),
        ("Decision pending", ICLR, Decision("ICLR 2024", "Submitted")),
        ("Retracted Acceptance", f"{ICLR}/Retracted_Acceptance", Decision("ICLR 2024", "Rejected")),
        ("CoRR 2020", "dblp.org/journals/CORR/2020", Decision("", is_preprint=True)),
        ("CVPR 2020", "dblp.org/conf/CVPR/2020", Decision("CVPR 2020")),
        ("arXiv 2023", "OpenReview.net/Anonymous_Preprint", Decision("", is_preprint=True)),
        ("Corridor Workshop 2020", "", Decision("Corridor Workshop 2020", "Workshop", is_workshop=True)),
        ("COLM", "colmweb.org/COLM/2024/Conference", Decision("COLM 2024")),
        ("", "ICML.cc/2024/Conference", Decision("ICML 2024")),
        ("", "", Decision("")),
    ],
)  # fmt: skip
def test_venue_and_group_say_what_became_of_a_submission(venue: str, venueid: str, decision: Decision) -> None:
    assert read_decision(venue, venueid) == decision


def test_only_a_withdrawn_submission_is_withdrawn() -> None:
    assert Decision("ICLR 2024", "Withdrawn").is_withdrawn
    assert not Decision("ICLR 2024", "Rejected").is_withdrawn


@pytest.mark.parametrize(
    ("text", "track"),
    [
        ("Accept (Poster)", "Poster"),
        ("Accept: spotlight", "Spotlight"),
        ("Accept", ""),
        ("Reject", "Rejected"),
        ("Desk reject", "Rejected"),
        ("Withdrawn", "Withdrawn"),
        ("Invite to Workshop Track", "Workshop"),
        ("Thank you for the submission", None),
        ("", None),
    ],
)
def test_words_of_a_decision_are_read(text: str, track: str | None) -> None:
    assert read_verdict(text) == track
