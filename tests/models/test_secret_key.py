from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from models.config import Settings
from models.secret_key import FILE_NAME, derive, get_secret_key, link_token


def make_settings(folder: Path, **values) -> Settings:
    return Settings(data_dir=folder, _env_file=None, **values)


def test_a_configured_key_is_used(tmp_path: Path) -> None:
    assert get_secret_key(make_settings(tmp_path, secret_key=SecretStr("mine"))) == "mine"
    assert not (tmp_path / FILE_NAME).exists()


def test_without_one_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first, second = (get_secret_key(make_settings(tmp_path / "var")) for _ in range(2))

    assert first == second and len(first) >= 64
    assert (tmp_path / "var" / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_two_installations_have_two_keys(tmp_path: Path) -> None:
    assert get_secret_key(make_settings(tmp_path / "a")) != get_secret_key(make_settings(tmp_path / "b"))


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    get_secret_key(make_settings(tmp_path))

    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_what_is_derived_depends_on_key_purpose_and_nonce() -> None:
    made = {
        derive(key, purpose, nonce) for key in ("a", "b") for purpose in ("x", "y") for nonce in ("1", "2")
    }

    assert len(made) == 8
    assert derive("a", "x", "1") in made


@pytest.mark.parametrize(("key", "nonce"), [("", "1"), ("a", "")])
def test_nothing_is_derived_from_nothing(key: str, nonce: str) -> None:
    with pytest.raises(ValueError, match="nonce"):
        link_token(key, nonce)


def test_a_link_token_fits_an_address_and_does_not_show_the_nonce() -> None:
    token = link_token("a key", "nonce-1")

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert "nonce" not in token
