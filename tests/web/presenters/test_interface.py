from __future__ import annotations

from web.api.document import endpoints, openapi
from web.presenters.interface import present_objects, present_sections


def test_every_endpoint_has_its_place(app):
    with app.test_request_context():
        sections = present_sections(openapi(app, "zh"))

    assert sum(len(section.operations) for section in sections) == len(list(endpoints(app)))
    assert [section.words for section in sections][:2] == ["场景", "批次"]


def test_an_endpoint_says_what_it_takes_gives_and_needs(app):
    with app.test_request_context():
        found = {
            operation.path: operation
            for section in present_sections(openapi(app, "zh"))
            for operation in section.operations
        }

    asked = found["/api/v1/match"]
    assert (asked.method, asked.scope, asked.open) == ("POST", "match", False)
    assert (asked.takes, asked.gives) == ("OneQuestion", "FoundList")
    assert found["/api/v1/scenarios"].open
    assert 503 in asked.problems and 200 not in asked.problems


def test_fields_say_their_type_their_choices_and_whether_they_are_there(app):
    with app.test_request_context():
        objects = {view.name: view for view in present_objects(openapi(app, "zh"))}
    fields = {field.name: field for field in objects["MatchRead"].fields}

    assert (fields["rank"].type_words, fields["rank"].needed) == ("integer | null", True)
    assert fields["requirements"].refs == ["JudgedRequirement"]
    assert "strong" in fields["band"].choices
    assert objects["OneQuestion"].variants == ["TextQuestion", "ScenarioQuestion", "CapabilityQuestion"]


def test_every_object_that_is_named_is_there(app):
    with app.test_request_context():
        objects = present_objects(openapi(app, "zh"))

    named = {ref for view in objects for field in view.fields for ref in field.refs}
    assert named <= {view.name for view in objects}
