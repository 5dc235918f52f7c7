from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from models.mail_example import MailExample, keep_example
from models.user import Role


@pytest.fixture
def operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


@pytest.fixture
def examples(session: Session) -> None:
    for locale, text in (("zh", "正文<b>"), ("en", "words<b>")):
        html = f"<!doctype html><p style='color: red'>{text}</p>"
        keep_example(
            session, MailExample(kind="invitation", locale=locale, subject="邀请", text=text, html=html)
        )


@pytest.mark.parametrize("path", ["", "/invitation/zh", "/invitation/zh/html"])
def test_samples_are_for_operators(client, as_agency, path: str) -> None:
    assert client.get(f"/mails{path}").status_code == 303
    assert as_agency.get(f"/mails{path}").status_code == 403


def test_before_the_jobs_process_wrote_them_the_page_says_so(operator) -> None:
    assert "还没有样例" in operator.get("/mails").text
    assert operator.get("/mails/invitation/zh").status_code == 404


@pytest.mark.usefixtures("examples")
def test_a_sample_is_shown_as_text_and_framed_as_html(operator) -> None:
    page = operator.get("/mails/invitation/en")

    assert "邀请企业" in operator.get("/mails").text
    assert "words&lt;b&gt;" in page.text and 'src="/mails/invitation/en/html"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.usefixtures("examples")
def test_the_html_of_a_mail_can_run_nothing_and_stands_in_pages_of_ours_only(operator) -> None:
    framed = operator.get("/mails/invitation/zh/html")

    policy = framed.headers["Content-Security-Policy"]
    assert framed.text.startswith("<!doctype html>") and "正文<b>" in framed.text
    assert "default-src 'none'" in policy and "sandbox" in policy and "script-src" not in policy
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert operator.get("/mails").headers["X-Frame-Options"] == "DENY"


@pytest.mark.usefixtures("examples")
@pytest.mark.parametrize("path", ["/invitation/fr", "/unknown/zh", "/%00/zh"])
def test_what_is_not_there_is_not_found(operator, path: str) -> None:
    assert operator.get(f"/mails{path}").status_code == 404
