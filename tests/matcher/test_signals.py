import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.coverage import CoveredRequirement, Verdict
from matcher.signals import maturity, proven, same_district, unmet_musts
from models.capability import Capability, CapabilityCase, Maturity
from models.organisation import Organisation, OrganisationKind
from models.scenario import Scenario
from tests.matcher.market import NOW


def covered(verdict, *, must=True):
    return CoveredRequirement(1, "误报率不高于5%", must, False, "zh", verdict)


def firm(district_id):
    return Organisation(name="某企业", kind=OrganisationKind.STARTUP, district_id=district_id)


@pytest.mark.parametrize(
    ("rows", "share"),
    [
        ([], None),
        ([covered(Verdict.UNMET, must=False)], None),
        ([covered(Verdict.UNMET), covered(Verdict.MET)], 0.5),
        ([covered(Verdict.UNKNOWN), covered(Verdict.PARTLY)], 0.0),
        ([covered(Verdict.UNMET), covered(Verdict.UNMET, must=False)], 1.0),
    ],
)
def test_only_contradicted_musts_count_as_unmet(rows, share):
    assert unmet_musts(rows) == share


@given(st.lists(st.builds(covered, st.sampled_from(Verdict), must=st.booleans()), max_size=6))
def test_the_share_of_unmet_musts_lies_between_0_and_1(rows):
    assert unmet_musts(rows) is None or 0 <= unmet_musts(rows) <= 1


@pytest.mark.parametrize(("confirmed", "value"), [([], None), ([None], 0.5), ([None, NOW], 1.0)])
def test_a_confirmed_case_proves_more_than_a_claimed_one(confirmed, value):
    cases = [CapabilityCase(position=at, confirmed_at=moment) for at, moment in enumerate(confirmed, 1)]

    assert proven(Capability(title="t", text="t", cases=cases)) == value


def test_every_stage_of_maturity_counts_more_than_the_one_before():
    values = [maturity(Capability(title="t", text="t", maturity=stage)) for stage in Maturity]

    assert values == sorted(values)
    assert (values[0], values[-1]) == (0.0, 1.0)


def test_an_unstated_maturity_is_not_known():
    assert maturity(Capability(title="t", text="t")) is None


@pytest.mark.parametrize(
    ("wanted", "home", "value"), [(1, 1, 1.0), (1, 2, 0.0), (None, 1, None), (1, None, None)]
)
def test_a_district_is_compared_only_where_both_are_known(wanted, home, value):
    capability = Capability(title="t", text="t", organisation=firm(home))

    assert same_district(Scenario(title="s", text="s", district_id=wanted), capability) == value
