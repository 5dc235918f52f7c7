from __future__ import annotations

import pytest

from web.addresses import inner_address


@pytest.mark.parametrize("address", ["/", "/pilots?page=2", "/matches/3#answer"])
def test_paths_of_this_site_are_kept(address: str) -> None:
    assert inner_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "evil",
        "javascript:alert(1)",
        "/a\nb",
        "/a\\b",
    ],
)
def test_everything_else_becomes_nothing(address: str) -> None:
    assert inner_address(address) == ""
