"""The picture of reliability: well-formed, with every set, both bands and no point outside."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from matcher.calibration import RelevanceBin, Reliability
from matcher.reliability_plot import LEFT, WIDTH, drawn

SVG = "{http://www.w3.org/2000/svg}"
INF = float("inf")


def measured(name: str = "long needs", *, shift: int = 0) -> Reliability:
    bins = (
        RelevanceBin(-INF, 0.0, 90_000, 0),
        RelevanceBin(0.0, 4.0, 9_000, 3 + shift),
        RelevanceBin(4.0, 5.5, 800, 20),
        RelevanceBin(5.5, 8.0, 90, 60),
        RelevanceBin(8.0, INF, 20, 19),
    )
    return Reliability(name, 100, bins)


@pytest.fixture
def picture() -> ET.Element:
    return ET.fromstring(drawn([measured("a < b"), measured("short needs", shift=5)]))


def test_each_set_has_its_line_in_both_panels_and_its_name(picture: ET.Element) -> None:
    words = [text.text or "" for text in picture.iter(f"{SVG}text")]

    assert len(list(picture.iter(f"{SVG}polyline"))) == 4
    assert any(each.startswith("a < b: 100 needs") for each in words)
    assert words.count("strong") == words.count("possible") == 2


def test_every_point_lies_inside_and_higher_relevance_lies_further_right(picture: ET.Element) -> None:
    for line in picture.iter(f"{SVG}polyline"):
        points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]

        assert [x for x, _ in points] == sorted(x for x, _ in points)
        assert all(LEFT <= x <= WIDTH for x, _ in points)
        assert all(0 <= y <= float(picture.attrib["viewBox"].split()[3]) for _, y in points)


def test_a_larger_share_stands_higher(picture: ET.Element) -> None:
    shares = next(picture.iter(f"{SVG}polyline")).attrib["points"].split()

    heights = [float(point.split(",")[1]) for point in shares]

    assert heights == sorted(heights, reverse=True)


def test_a_bin_without_a_labelled_pair_has_no_point() -> None:
    picture = ET.fromstring(drawn([measured()]))

    assert len(next(picture.iter(f"{SVG}polyline")).attrib["points"].split()) == 4
