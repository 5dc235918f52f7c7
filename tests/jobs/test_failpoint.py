from jobs.failpoint import Failpoint, pass_by


def test_production_passes_every_failpoint() -> None:
    assert [pass_by(failpoint) for failpoint in Failpoint] == [None] * len(Failpoint)
