from __future__ import annotations

import pytest

from coolpapers.papers.identity.dois import is_container_doi, is_preprint_doi


@pytest.mark.parametrize(
    "doi",
    ["10.1007/978-3-319-10590-1", "10.1007/3-540-45014-9", "10.1007/b98765", "10.1515/9783110301380",
     "10.1017/cbo9780511804441", "10.4018/978-1-60566-766-9", "10.1093/acprof:oso/9780199291113.001.0001",
     "10.1109/cvpr.2016", "10.1109/iccv48922.2021", "10.1609/aaai.v33i01", "10.18653/v1/2020.acl-main",
     "10.18653/v1/p19-1", "10.4230/lipics.icalp.2019", "10.52202/075280", "10.1111/cgf.v38.2",
     "10.1016/s0004-3702(00)x0001-2", "10.1016/c2009-0-12345-6", "10.1007/11564751", "10.1090/conm/567",
     "10.3115/v1/p15-1", "10.21437/interspeech.2020", "10.3233/faia325"],
)  # fmt: skip
def test_a_volume_s_doi_is_a_container(doi: str) -> None:
    assert is_container_doi(doi)


@pytest.mark.parametrize(
    "doi",
    ["10.1007/978-3-319-10590-1_12", "10.1007/3-540-45014-9_1", "10.1515/9783110301380.12",
     "10.1201/9781315136288-5", "10.1109/cvpr.2016.90", "10.1609/aaai.v33i01.33011234",
     "10.18653/v1/2020.acl-main.1", "10.18653/v1/p19-1001", "10.4230/lipics.icalp.2019.12", "10.52202/075280-0001",
     "10.1007/11564751_12", "10.1090/conm/567/11234", "10.3115/v1/p15-1001", "10.21437/interspeech.2020-1234",
     "10.3233/faia200123", "10.1145/3292500.3330919", "10.1145/3386252", "10.1038/nature14539", "10.1111/cgf.13620",
     "10.1000/1"],
)  # fmt: skip
def test_a_paper_s_doi_is_not(doi: str) -> None:
    assert not is_container_doi(doi)


def test_servers_of_preprints_are_known_by_their_prefix() -> None:
    assert is_preprint_doi("10.1101/2020.01.01.123456")
    assert not is_preprint_doi("10.1038/nature14539")
    assert not is_preprint_doi("")
