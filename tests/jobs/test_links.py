import re
from pathlib import Path

import pytest

from jobs.links import PATHS, Links
from models.errors import InvalidInput
from models.secret_key import link_token


@pytest.mark.parametrize("base", ["https://duijie.example", "https://duijie.example/"])
def test_links_are_absolute_whatever_the_end_of_the_base(base: str) -> None:
    links = Links(base)

    assert links.home() == "https://duijie.example/"
    assert links.scenario("SZ-2026-001") == "https://duijie.example/scenarios/SZ-2026-001"
    assert links.candidates(7) == "https://duijie.example/my/scenarios/7/candidates"
    assert links.match(12) == "https://duijie.example/matches/12"


def test_a_site_may_live_below_a_path() -> None:
    assert Links("https://city.example/duijie").recommended() == "https://city.example/duijie/recommended"


def test_what_stands_in_a_link_is_quoted() -> None:
    links = Links("https://duijie.example")

    assert links.scenario("甲/../1?x#y") == "https://duijie.example/scenarios/%E7%94%B2%2F..%2F1%3Fx%23y"
    assert links.unsubscribe("a-b_c") == "https://duijie.example/unsubscribe/a-b_c"


def test_every_path_has_a_method() -> None:
    links = Links("https://duijie.example", "a key")
    arguments = {"scenario": ("n",), "candidates": (1,), "match": (1,), "pilot": (1,), "funding": (1,)}
    arguments |= {
        "draft": (1,),
        "submission": (1,),
        "review": (1,),
        "new_draft": (),
        "questions": ("n",),
        "batch_list": ("n",),
        "bid": (1,),
        "bids": (1,),
        "jury": (1,),
        "seat": (1,),
        "proofs": (1,),
        "searches": (),
        "stop_search": ("t",),
    }
    arguments |= {
        "unsubscribe": ("t",),
        "recommended": (),
        "preferences": (),
        "welcome": ("n",),
        "log_in": (),
    }
    arguments |= {"sign_up": (), "organisation": (1,), "join": ("n",)}

    assert set(arguments) == set(PATHS)
    for name, values in arguments.items():
        assert "{" not in getattr(links, name)(*values)


def test_every_path_is_a_page_of_the_site() -> None:
    lines = (Path(__file__).parents[1] / "web" / "routes.txt").read_text().splitlines()
    routes = {tuple(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", line).split()[:2]) for line in lines}

    assert {path for path in PATHS.values() if ("GET", path) not in routes} == set()
    assert ("POST", PATHS["unsubscribe"]) in routes


@pytest.mark.parametrize(
    "base",
    ["", "duijie.example", "ftp://x.org", "https://", "https://x y.org", "https://x.org/?a=1", "http://[::1"],
)
def test_a_base_that_is_no_site_is_refused(base: str) -> None:
    with pytest.raises(InvalidInput, match="DUIJIE_BASE_URL"):
        Links(base)


def test_a_link_that_lets_somebody_in_is_made_from_the_key_and_never_shown_with_it() -> None:
    links = Links("https://duijie.example", "a key")

    assert links.welcome("n") == f"https://duijie.example/welcome/{link_token('a key', 'n')}"
    assert "a key" not in repr(links)
    with pytest.raises(ValueError, match="key"):
        Links("https://duijie.example").welcome("n")
