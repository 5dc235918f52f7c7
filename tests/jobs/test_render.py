import re
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from jobs.links import Links
from jobs.mail_examples import EXAMPLES
from jobs.mailer import Mail
from jobs.render import MAX_SUBJECT, Letter, Renderer, clean_line
from matcher.explanation import Voice, word_step
from models.errors import InvalidInput
from models.i18n import LOCALES
from models.outbox import MailKind
from tests.jobs.sending import SENDER, make_renderer

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ALL = [(kind, locale) for kind in MailKind for locale in LOCALES]
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    "Content-Language",
}  # fmt: skip


def write(kind: MailKind, locale: str = "zh", *, token: str | None = None, **values: Any) -> Mail:
    letter = Letter(
        kind=kind,
        locale=locale,
        recipient="reader@example.org",
        message_id="<4c9@duijie.example>",
        values={**EXAMPLES[kind], **values},
        on=date(2026, 11, 23),
        unsubscribe_token=token,
    )
    return make_renderer().render(letter, now=NOW)


def read(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.data, policy=policy.default)


def bodies(mail: Mail) -> tuple[str, str]:
    message = read(mail)
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    return text.get_content(), page.get_content()


def test_there_is_an_example_for_every_kind() -> None:
    assert set(EXAMPLES) == set(MailKind)


@pytest.mark.parametrize(("kind", "locale"), ALL)
def test_every_kind_is_written_in_every_language(kind: MailKind, locale: str) -> None:
    mail = write(kind, locale)

    message = read(mail)
    text, page = bodies(mail)
    assert message["Subject"]
    assert len(text) > 60
    assert page.count("<h1") == 1
    assert f'<html lang="{locale}">' in page
    assert "{{" not in text + page
    assert "https://duijie.example/" in text


@pytest.mark.parametrize(("kind", "locale"), ALL)
def test_text_and_page_link_to_the_same_places(kind: MailKind, locale: str) -> None:
    text, page = bodies(write(kind, locale, token="t0ken"))

    in_text = set(re.findall(r"https://\S+", text))
    in_page = set(re.findall(r'href="(https://[^"]+)"', page))
    assert in_text <= in_page


@pytest.mark.parametrize("kind", list(MailKind))
def test_an_english_mail_holds_chinese_only_where_people_wrote_it(kind: MailKind) -> None:
    written = str(EXAMPLES[kind])
    subject = str(read(write(kind, "en"))["Subject"])
    text, _ = bodies(write(kind, "en"))

    chinese = re.findall(r"[\u3400-\u9fff]+", f"{subject}\n{text}")
    assert [words for words in chinese if words not in written] == []


@pytest.mark.parametrize("kind", list(MailKind))
def test_seven_bits_and_short_lines_pass_any_relay(kind: MailKind) -> None:
    data = write(kind).data

    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_a_digest_can_be_stopped_with_one_click() -> None:
    message = read(write(MailKind.DIGEST_STARTUP, token="t0ken"))

    assert message["List-Unsubscribe"] == "<https://duijie.example/unsubscribe/t0ken>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, page = bodies(write(MailKind.DIGEST_STARTUP, token="t0ken"))
    assert "https://duijie.example/unsubscribe/t0ken" in text
    assert "https://duijie.example/unsubscribe/t0ken" in page
    assert "https://duijie.example/account" in text


def test_a_mail_that_cannot_be_stopped_does_not_say_so() -> None:
    mail = write(MailKind.INVITATION)

    assert read(mail)["List-Unsubscribe"] is None
    assert "unsubscribe" not in "".join(bodies(mail))


def test_the_envelope_and_the_headers_name_one_sender_and_one_reader() -> None:
    mail = write(MailKind.INTEREST)
    message = read(mail)

    assert (mail.sender, mail.recipient) == ("noreply@duijie.example", "reader@example.org")
    assert message["From"] == SENDER
    assert message["To"] == "reader@example.org"
    assert message["Message-ID"] == mail.message_id == "<4c9@duijie.example>"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_gap_comes_with_its_next_step_in_the_voice_of_the_reader() -> None:
    gap = {"code": "deployment_unknown", "values": {}, "step": "state_deployment"}
    item = {**EXAMPLES[MailKind.DIGEST_STARTUP]["items"][0], "gaps": [gap]}
    to_firm = bodies(write(MailKind.DIGEST_STARTUP, items=[item]))
    to_agency = bodies(write(MailKind.DIGEST_AGENCY, groups=[[item]]))

    for body in to_firm:
        assert word_step("state_deployment", {}, "zh", Voice.FIRM) in body
    for body in to_agency:
        assert word_step("state_deployment", {}, "zh", Voice.AGENCY) in body


def test_demo_data_is_called_so() -> None:
    text, page = bodies(write(MailKind.INVITATION, is_demo=True))

    assert "演示数据" in text
    assert "演示数据" in page


def test_a_band_is_a_word_and_never_a_figure() -> None:
    text, page = bodies(write(MailKind.DIGEST_STARTUP))

    assert "匹配：强" in text
    assert "%" not in re.sub(r"\d+%", "", text.replace("召回率91%", ""))
    assert "匹配：强" in re.sub("<[^>]+>", "", page)


class Tags(HTMLParser):
    """Collects elements and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "</style><style>*{background:url(https://evil.example)}",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("kind", list(MailKind))
def test_what_people_write_stays_text(kind: MailKind, payload: str) -> None:
    _, clean = bodies(write(kind))
    _, page = bodies(write(kind, **poison(EXAMPLES[kind], payload)))

    tags = Tags(page).found
    assert {tag for tag, _ in tags} <= {tag for tag, _ in Tags(clean).found} | {"p", "blockquote"}
    assert not [attributes for _, attributes in tags if any(name.startswith("on") for name in attributes)]
    links = [str(attributes["href"]) for tag, attributes in tags if tag == "a"]
    assert all(link.startswith(("https://duijie.example/", "mailto:")) for link in links)
    assert "49" not in page


def poison(value: Any, payload: str, key: str = "") -> Any:
    """The example with every free text replaced."""
    codes = ("lang", "band", "code", "verdict", "where_to_get", "evidence_source", "change", "reasons")
    if isinstance(value, dict):
        return {name: poison(item, payload, name) for name, item in value.items()}
    if isinstance(value, list):
        return [poison(item, payload, key) for item in value]
    return payload if isinstance(value, str) and not key.endswith(codes) else value


hostile_text = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\r\n\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\u202e\u200f\t =?_,;<>@\"'中文🧑‍💻"),
    ),
    max_size=120,
)


@given(title=hostile_text, name=hostile_text)
def test_no_text_can_add_a_header_or_an_encoded_word(title: str, name: str) -> None:
    mail = write(MailKind.INVITATION, scenario_title=title, agency_name=name)

    message = read(mail)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert str(message["Subject"]) == clean_line(f"{name} 邀请你谈谈：{title}")
    assert not message.defects


@given(hostile_text)
@example("=?utf-8?b?SGk=?=")
def test_a_clean_line_is_one_short_line(text: str) -> None:
    line = clean_line(text)

    assert len(line.splitlines()) <= 1
    assert len(line) <= MAX_SUBJECT
    assert "=?" not in line
    assert clean_line(line) == line


@pytest.mark.parametrize("kind", list(MailKind))
def test_values_that_do_not_fit_are_an_error_and_not_a_gap(kind: MailKind) -> None:
    letter = Letter(kind, "zh", "a@b.cn", "<x@y.cn>", {}, date(2026, 11, 23))

    with pytest.raises(UndefinedError):
        make_renderer().render(letter, now=NOW)


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(ValueError, match="fr"):
        write(MailKind.INTEREST, "fr")


@pytest.mark.parametrize("sender", ["", "nobody", "a@b@c", "x <a@b.cn\r\nBcc: c@d.cn>"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(InvalidInput):
        Renderer(Links("https://duijie.example"), sender)


def test_the_domain_of_message_ids_is_the_senders() -> None:
    assert make_renderer().domain == "duijie.example"
