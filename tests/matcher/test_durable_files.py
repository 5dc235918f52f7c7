"""Files that are whole or not there."""

import hashlib
import resource
import signal

import pytest

from matcher.durable_files import hash_file, sweep_temp_files, temp_files, write_file


def test_the_record_describes_what_is_on_disk(tmp_path):
    record = write_file(tmp_path, "a.bin", [b"one", memoryview(b"two")])

    assert (tmp_path / "a.bin").read_bytes() == b"onetwo"
    assert record.sha256 == hashlib.sha256(b"onetwo").hexdigest()
    assert (record.name, record.size) == ("a.bin", 6)
    assert hash_file(tmp_path / "a.bin") == (record.sha256, record.size)


def test_an_empty_file_can_be_written(tmp_path):
    assert write_file(tmp_path, "a.bin", []).size == 0


def test_steps_are_named_in_order(tmp_path):
    steps = []
    write_file(tmp_path, "a", [b"x"], on_step=steps.append)

    assert steps == ["write a", "fsync a", "read back a", "rename a", "sync folder of a"]


@pytest.mark.parametrize("step", ["write", "fsync", "read back", "rename"])
def test_a_failing_disk_leaves_the_old_file_and_no_temp_file(tmp_path, step):
    write_file(tmp_path, "a", [b"old"])

    def fail(name):
        if name == f"{step} a":
            raise OSError(5, "broken disk")

    with pytest.raises(OSError, match="broken disk"):
        write_file(tmp_path, "a", [b"new"], on_step=fail)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert temp_files(tmp_path) == []


def test_bytes_that_change_on_the_way_to_the_disk_are_noticed(tmp_path):
    write_file(tmp_path, "a", [b"old"])

    def flip(name):
        if name == "read back a":
            (temp,) = temp_files(tmp_path)
            temp.write_bytes(b"nex")

    with pytest.raises(OSError, match="other bytes"):
        write_file(tmp_path, "a", [b"new"], on_step=flip)
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.fixture
def small_disk():
    """No file may grow past 4 KiB; writes beyond are refused as they are on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("size", [4097, 5000, 100_000])
def test_a_full_disk_is_an_error_and_not_a_short_file(tmp_path, small_disk, size):
    write_file(tmp_path, "a", [b"old"])

    with pytest.raises(OSError):
        write_file(tmp_path, "a", [b"x" * 4000, b"y" * (size - 4000)])
    assert (tmp_path / "a").read_bytes() == b"old"
    assert temp_files(tmp_path) == []


def test_what_killed_writers_left_is_swept_and_nothing_else(tmp_path):
    (tmp_path / ".a.bin.4711.tmp").write_bytes(b"half")
    (tmp_path / "b.bin").write_bytes(b"whole")

    assert sweep_temp_files(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["b.bin"]
