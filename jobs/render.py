"""Writing a mail: (kind, locale, values) in, bytes for the relay out.

Three templates a kind under jobs/templates: subject.txt, body.txt, body.html. Chinese is the source, other languages
come from the one catalogue (models/i18n.py). What people wrote reaches headers only through clean_line().
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Any

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape

from jobs.links import Links
from jobs.mailer import Mail
from matcher.explanation import Voice, word, word_step
from models.errors import InvalidInput
from models.funding_wording import word_amount, word_missing
from models.i18n import N_, format_date, gettext, translations
from models.outbox import MailKind, clean_address
from models.texts import storable

MAX_SUBJECT = 150
# 7bit: bodies are base64 or quoted-printable, so that any relay takes them.
_POLICY = SMTP.clone(cte_type="7bit")
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

BAND_WORDS = {
    "strong": N_("强"),
    "possible": N_("可能"),
    "weak": N_("弱"),
    "not_enough_information": N_("信息不足"),
}
VERDICT_WORDS = {"met": N_("满足"), "unmet": N_("未满足"), "unknown": N_("不明")}

REASON_WORDS = {
    "evidence_missing": N_("缺证据：案例、测试或备案不够"),
    "deployment": N_("部署方式不符"),
    "no_capacity": N_("对方排不开"),
    "out_of_scope": N_("做的不是这件事"),
    "price": N_("价格超出预算"),
    "other_chosen": N_("已选定别家"),
    "other": N_("其他"),
}

CHANGE_WORDS = {
    "removed": N_("你不再是机构的成员"),
    "manager": N_("你成为机构的管理人"),
    "roles": N_("你的角色改了"),
    "password": N_("密码改了"),
    "factor_on": N_("启用了两步验证"),
    "factor_renewed": N_("换了两步验证的验证器"),
    "factor_off": N_("停用了两步验证"),
    "factor_reset": N_("管理员重置了两步验证"),
    "codes_renewed": N_("换了恢复码"),
    "recovery_used": N_("用了一个恢复码登录或确认"),
}

FOR_FIRMS = (MailKind.DIGEST_STARTUP, MailKind.INVITATION)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be written, to whom. values: see jobs/mail_content.py; on: the reader's today, for dates."""

    kind: MailKind
    locale: str
    recipient: str
    message_id: str
    values: Mapping[str, Any]
    on: date
    unsubscribe_token: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as its reader sees it: one line, a text, and the same as HTML with its style in the elements."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Renderer:
    """Writes letters. sender: the From header, `Name <address>`; InvalidInput if it is not that."""

    links: Links
    sender: str

    def __post_init__(self) -> None:
        name, address = parseaddr(self.sender)
        if not self.sender.isprintable():
            raise InvalidInput("发件人 DUIJIE_MAIL_FROM 里有换行或控制字符。")
        object.__setattr__(self, "_from", _address(name, clean_address(address)))

    @property
    def domain(self) -> str:
        """The domain of the sender, used in Message-IDs."""
        return parseaddr(self.sender)[1].lower().rpartition("@")[2]

    def render(self, letter: Letter, *, now: datetime) -> Mail:
        """The mail, ready to be sent. jinja2.UndefinedError or KeyError if the values do not fit the templates."""
        written = self.write(letter)
        message = EmailMessage(policy=_POLICY)
        self._head(message, letter, written.subject, now)
        if (unsubscribe_link := self._unsubscribe_link(letter)) is not None:
            # RFC 8058: one POST, without questions, stops the mail.
            message["List-Unsubscribe"] = f"<{unsubscribe_link}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(written.text)
        message.add_alternative(written.html, subtype="html")
        message["Content-Language"] = letter.locale
        sender = parseaddr(self.sender)[1].lower()
        return Mail(letter.message_id, sender, letter.recipient, message.as_bytes())

    def write(self, letter: Letter) -> Written:
        """What the reader sees. Raises as render() does."""
        environment = _environment(letter.locale)
        values: dict[str, Any] = {
            "locale": letter.locale,
            "links": self.links,
            "is_demo": False,
            "unsubscribe_link": self._unsubscribe_link(letter),
            "voice": Voice.FIRM if letter.kind in FOR_FIRMS else Voice.AGENCY,
            "on": letter.on,
            **letter.values,
        }
        values["subject"] = clean_line(environment.get_template(f"{letter.kind}/subject.txt").render(values))
        text = environment.get_template(f"{letter.kind}/body.txt").render(values)
        page = environment.get_template(f"{letter.kind}/body.html").render(values)
        return Written(values["subject"], _tidy(text), _inliner().inline(storable(page)))

    def _unsubscribe_link(self, letter: Letter) -> str | None:
        token = letter.unsubscribe_token
        return None if token is None else self.links.unsubscribe(token)

    def _head(self, message: EmailMessage, letter: Letter, subject: str, now: datetime) -> None:
        message["From"] = self._from  # type: ignore[attr-defined]
        message["To"] = Address(addr_spec=letter.recipient)
        message["Subject"] = subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = letter.message_id
        # RFC 3834: no answering machine should answer, nor should ours.
        message["Auto-Submitted"] = "auto-generated"


def _address(name: str, address: str) -> Address:
    try:
        return Address(display_name=clean_line(name), addr_spec=address)
    except (ValueError, IndexError) as err:
        raise InvalidInput("发件人 DUIJIE_MAIL_FROM 要写成：名称 <地址>。") from err


def clean_line(text: str) -> str:
    """One line, safe for a header, at most MAX_SUBJECT characters.

    Line ends of every kind, control characters and marks of direction are gone; `=?`, which would start an encoded
    word and be decoded by the reader's program, is broken up.
    """
    line = " ".join(_DIRECTION_MARKS.sub("", storable(text)).split())
    line = line.replace("=?", "= ?")
    return line if len(line) <= MAX_SUBJECT else f"{line[: MAX_SUBJECT - 1]}…"


def _tidy(text: str) -> str:
    """The text without blanks at line ends (but for the signature mark) and with one empty line at most in a row."""
    lines = [line if line == "-- " else line.rstrip() for line in storable(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


@cache
def _inliner() -> css_inline.CSSInliner:
    # Never fetches anything: what a mail looks like must not depend on the network, nor tell anybody that it is sent.
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


@cache
def _environment(locale: str) -> Environment:
    """The templates in one language. ValueError for a locale we do not speak."""
    catalogue = translations(locale)
    environment = Environment(
        loader=PackageLoader("jobs", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        sentence=pass_context(
            lambda context, item: word(item["code"], item["values"], locale, context["voice"])
        ),
        next_step=pass_context(
            lambda context, item: word_step(item["step"], item["values"], locale, context["voice"])
        ),
        day=pass_context(lambda context, day: format_date(day, locale, today=context["on"])),
        band_word=lambda band: gettext(locale, BAND_WORDS[band]),
        verdict_word=lambda verdict: gettext(locale, VERDICT_WORDS[verdict]),
        reason_word=lambda reason: gettext(locale, REASON_WORDS[reason]),
        change_word=lambda change: gettext(locale, CHANGE_WORDS[change]),
        in_locale=lambda both: both[locale] or both["zh"],
        missing_words=lambda item: word_missing(item["code"], item["where_to_get"], locale),
        amount_words=lambda item: word_amount(item["amount_min_fen"], item["amount_max_fen"], locale),
        one_line=clean_line,
        quote_text=lambda text: "\n".join(f"> {line}" for line in storable(text).split("\n")),
    )
    return environment
