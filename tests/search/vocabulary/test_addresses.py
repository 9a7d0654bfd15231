from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.vocabulary.addresses import parse_address
from search.vocabulary.identifier_forms import SOURCE_LABELS

READ_AS = [
    ("https://ar5iv.labs.arxiv.org/html/2406.01234", "arxiv:2406.01234"),
    ("https://www.alphaxiv.org/abs/2406.01234v2", "arxiv:2406.01234"),
    ("https://papers.cool/arxiv/2406.01234", "arxiv:2406.01234"),
    ("https://papers.cool/venue/Xy7zQw9AbC@OpenReview", "openreview:Xy7zQw9AbC"),
    ("https://scirate.com/arxiv/hep-th/9901001", "arxiv:hep-th/9901001"),
    ("https://dl.acm.org/doi/abs/10.1145/ABC.1", "doi:10.1145/abc.1"),
    ("https://link.springer.com/chapter/10.1007/978-3-030-1_2", "doi:10.1007/978-3-030-1_2"),
    ("https://aclanthology.org/2020.acl-main.1.pdf", "acl:2020.acl-main.1"),
    ("https://aclanthology.org/P19-1001v2.pdf", "acl:P19-1001"),
    ("https://www.aclweb.org/anthology/P/P19/P19-1001.pdf", "acl:P19-1001"),
    ("https://aclanthology.org/L14-9/", "acl:L14-9"),
    ("https://openreview.net/forum?id=rJxX8T4Kvr", "openreview:rJxX8T4Kvr"),
    ("https://openreview.net/pdf?id=rJxX8T4Kvr&x=1", "openreview:rJxX8T4Kvr"),
    ("https://proceedings.mlr.press/v206/sun23e.html", "pmlr:v206/sun23e"),
    ("https://proceedings.mlr.press/v206/sun23e/sun23e.pdf", "pmlr:v206/sun23e"),
    ("http://jmlr.org/proceedings/papers/v28/name13.pdf", "pmlr:v28/name13"),
    ("https://www.ijcai.org/proceedings/2022/509", "ijcai:2022/509"),
    ("https://www.ijcai.org/proceedings/2022/0509.pdf", "ijcai:2022/509"),
    (
        "https://papers.nips.cc/paper_files/paper/2012/hash/09c6c3783b4a70054da74f2538ed47c6-Abstract.html",
        "neurips:2012/09c6c3783b4a70054da74f2538ed47c6",
    ),
    (
        "https://proceedings.neurips.cc/paper/2020/file/09c6c3783b4a70054da74f2538ed47c6-Paper.pdf",
        "neurips:2020/09c6c3783b4a70054da74f2538ed47c6",
    ),
    ("https://papers.nips.cc/paper/4824-some-title.pdf", "neurips:4824"),
    ("https://neurips.cc/virtual/2018/poster/11145", "neurips:2018/11145"),
    ("https://icml.cc/virtual/2019/poster/3698", "icml:2019/3698"),
    ("https://openaccess.thecvf.com/content/WACV2025/html/Chang_Some_Title_WACV_2025_paper.html",
     "cvf:Chang_Some_Title_WACV_2025"),
    ("https://openaccess.thecvf.com/content_cvpr_2016/papers/Blaha_Large-Scale_CVPR_2016_paper.pdf",
     "cvf:Blaha_Large-Scale_CVPR_2016"),
    ("https://www.ecva.net/papers/eccv_2022/papers_ECCV/html/7847_ECCV_2022_paper.php", "ecva:7847_ECCV_2022"),
    ("https://www.roboticsproceedings.org/rss20/p041.html", "rss:rss20/p041"),
    ("https://aaai.org/papers/10399-optimize-what-you-evaluate/", "aaai:10399-optimize-what-you-evaluate"),
    ("https://ojs.aaai.org/index.php/AAAI/article/view/12345", "aaai:12345"),
    ("https://ieeexplore.ieee.org/abstract/document/6385768/", "ieee:6385768"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "key"), READ_AS)
def test_it_reads_addresses_of_papers(address: str, key: str) -> None:
    identifier = parse_address(address)
    assert identifier is not None
    assert identifier.key == key
    assert identifier.source in SOURCE_LABELS


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/abs/2406.01234",
        "https://arxiv.org/list/cs.CL/new",
        "https://arxiv.org.evil.example/abs/2406.01234",
        "https://openreview.net/group?id=ICLR.cc",
        "https://openreview.net/forum",
        "https://papers.cool/venue/x@Nobody",
        "ftp://arxiv.org/abs/2406.01234",
        "javascript://arxiv.org/abs/2406.01234",
        "http://[::1",
        "plain text",
    ],
)
def test_other_addresses_are_no_papers(address: str) -> None:
    assert parse_address(address) is None


@given(st.sampled_from(["arxiv.org", "openreview.net", "aclanthology.org", ""]), st.text(max_size=60))
def test_any_text_is_an_address_or_none(host: str, text: str) -> None:
    identifier = parse_address(f"https://{host}/{text}")
    assert identifier is None or identifier.value
