import pytest
from sqlalchemy.exc import ArgumentError, OperationalError

from matcher.command_line import BAD_USAGE, FAILED, progress_bar, said_plainly
from models.errors import IndexNotReady, InvalidInput, NotReady


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InvalidInput("这一行不对。"), BAD_USAGE, "这一行不对。"),
        (IndexNotReady("There is no search index yet."), FAILED, "There is no search index yet."),
        (NotReady("升级数据库。", code="schema_behind"), BAD_USAGE, "升级数据库。"),
        (ArgumentError("secret://"), BAD_USAGE, "DUIJIE_DATABASE_URL 写得不对。"),
        (OperationalError("SELECT 1", {}, Exception("no route\nsecond line")), BAD_USAGE, "no route"),
        (PermissionError(13, "Permission denied", "/index"), FAILED, "/index"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(error, code, line, capsys):
    with pytest.raises(SystemExit) as left, said_plainly():
        raise error

    said = capsys.readouterr()
    assert left.value.code == code
    assert line in said.err
    assert (said.err.count("\n"), said.out) == (1, "")
    assert "secret" not in said.err


def test_a_mistake_of_our_own_is_not_hidden():
    with pytest.raises(ZeroDivisionError), said_plainly():
        raise ZeroDivisionError


def test_a_bar_says_nothing_where_nobody_watches(capsys):
    with progress_bar("encode") as progress:
        progress(1, 2)

    assert capsys.readouterr() == ("", "")
