"""The commands for people whom no page can help: the last admin without a phone, and whoever cannot log in."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.engine import Engine

from models.__main__ import main
from models.db import make_session, transaction
from models.second_factor import find_second_factor
from models.user import Role, find_user
from tests.factories import make_second_factor, make_user


def test_the_second_factor_of_the_last_admin_is_reset_on_the_command_line(
    empty_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUIJIE_DATABASE_URL", empty_engine.url.render_as_string(hide_password=False))
    with transaction(empty_engine) as session:
        make_second_factor(session, make_user(session, email="admin@city.example", roles=(Role.ADMIN,)))

    done, again, nobody = (
        CliRunner().invoke(main, ["reset-second-factor", email])
        for email in ("admin@city.example", "admin@city.example", "nobody@city.example")
    )

    assert (done.exit_code, again.exit_code, nobody.exit_code) == (0, 2, 2)
    assert "已重置" in done.output and "还没有启用" in again.output and "没有这个用户" in nobody.output
    with make_session(empty_engine) as session:
        person = find_user(session, "admin@city.example")
        assert person is not None and find_second_factor(session, person.key) is None


def test_somebody_who_cannot_log_in_is_erased_on_the_command_line(
    empty_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUIJIE_DATABASE_URL", empty_engine.url.render_as_string(hide_password=False))
    with transaction(empty_engine) as session:
        make_user(session, email="gone@city.example")

    refused = CliRunner().invoke(main, ["erase-person", "gone@city.example"], input="n\n")
    done, nobody = (
        CliRunner().invoke(main, ["erase-person", "gone@city.example", "--yes"]) for _ in range(2)
    )

    assert (refused.exit_code, done.exit_code, nobody.exit_code) == (1, 0, 2)
    with make_session(empty_engine) as session:
        assert find_user(session, "gone@city.example") is None
