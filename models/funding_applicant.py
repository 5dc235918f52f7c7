"""Conditions about the applicant: where it sits, what it is, how old and how many."""

from typing import Any, Literal

from pydantic import Field, PositiveInt

from models.funding_finding import Check, Finding, Situation, judge, met, unknown, unmet
from models.organisation import OrganisationKind


class ApplicantInPlace(Check):
    """The firm sits in one of these cities, by the city of its district."""

    kind: Literal["applicant_in_place"]
    cities: tuple[str, ...] = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """Names are compared as written, but for a closing 市."""
        city = at.facts.applicant_city
        if city is None:
            return unknown("applicant_city_unknown", missing="district", where="firm_profile")
        fits = city.removesuffix("市") in {name.removesuffix("市") for name in self.cities}
        return judge(fits, "applicant_city", city=city, cities=list(self.cities))


class ApplicantKind(Check):
    """The applicant is one of these kinds of organisation."""

    kind: Literal["applicant_kind"]
    kinds: tuple[OrganisationKind, ...] = Field(min_length=1)

    def answer(self, at: Situation) -> Finding:
        """The kind is written on every organisation; facts given from elsewhere may lack it."""
        if at.facts.applicant_kind is None:
            return unknown("applicant_kind_unknown", missing="applicant_kind", where="firm_profile")
        values: dict[str, Any] = {
            "kinds": [kind.value for kind in self.kinds],
            "applicant_kind": at.facts.applicant_kind,
        }
        return judge(at.facts.applicant_kind in self.kinds, "applicant_kind", **values)


class ApplicantAgeMaxDays(Check):
    """The firm was founded at most so many days ago."""

    kind: Literal["applicant_age_max_days"]
    days: PositiveInt

    def answer(self, at: Situation) -> Finding:
        """A founding day that lies ahead is a slip of the pen, hence unknown."""
        founded_on = at.facts.applicant_founded_on
        if founded_on is None or founded_on > at.on:
            return unknown("founded_on_unknown", missing="founded_on", where="firm_profile")
        return judge(
            (at.on - founded_on).days <= self.days, "founded_on", founded_on=founded_on, max_days=self.days
        )


class TeamSizeMin(Check):
    """The team has at least so many people. A one-person company fails any floor above one, and is told
    so.
    """

    kind: Literal["team_size_min"]
    people: PositiveInt

    def answer(self, at: Situation) -> Finding:
        """By the head count the firm gave."""
        if at.facts.team_size is None:
            return unknown("team_size_unknown", missing="team_size", where="firm_profile")
        return judge(
            at.facts.team_size >= self.people, "team_size", team_size=at.facts.team_size, minimum=self.people
        )


class LeaderAgeMax(Check):
    """The leader is at most so many years old; up to `years_special` for groups the rule names."""

    kind: Literal["leader_age_max"]
    years: PositiveInt
    years_special: PositiveInt

    def answer(self, at: Situation) -> Finding:
        """Between the two limits the answer depends on what we do not ask, hence unknown. No birth date is
        stored.
        """
        values: dict[str, Any] = {"years": self.years, "years_special": self.years_special}
        born_on = at.facts.leader_born_on
        if born_on is None:
            return unknown("leader_age_unknown", missing="leader_age", where="applicant", **values)
        age = at.on.year - born_on.year - ((at.on.month, at.on.day) < (born_on.month, born_on.day))
        if age <= self.years:
            return met("leader_age_fits", **values)
        if age <= self.years_special:
            return unknown("leader_age_special", missing="leader_age", where="applicant", **values)
        return unmet("leader_age_fails", **values)
