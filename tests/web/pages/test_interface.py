from __future__ import annotations

import re

import pytest

from web.api.document import endpoints
from web.api.problems import TITLES


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_endpoint_is_on_the_page_and_every_link_within_it_leads_somewhere(app, client, locale):
    page = client.get(f"/api?lang={locale}").text

    assert page.count('<article class="pane-body operation" aria-labelledby="object-') > 20
    for rule, _, _ in endpoints(app):
        assert re.sub(r"<(?:id:)?(\w+)>", r"{\1}", rule.rule) in page
    wanted = set(re.findall(r'href="#([\w-]+)"', page))
    assert wanted <= set(re.findall(r'id="([\w-]+)"', page))


def test_what_an_error_names_as_its_kind_is_described(client):
    kind = client.get("/api/v1/nothing").json["type"]
    page = client.get("/api").text

    assert kind == "/api#problem-404"
    assert all(f'id="problem-{status}"' in page for status in TITLES)


def test_in_english_no_sentence_of_the_page_is_chinese(client):
    page = client.get("/api?lang=en").text
    main = page.split("<main")[1].split("</main>")[0]

    assert re.findall(r"[\u4e00-\u9fff]+", main) == []


def test_every_page_leads_to_it(client):
    assert 'href="/api"' in client.get("/scenarios").text
