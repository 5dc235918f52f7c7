"""Errors as a program reads them: one shape for all (RFC 9457), the sentences in the language it asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Response, g
from pydantic import BaseModel, Field

from models.i18n import N_, gettext, is_translated

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: N_("请求读不懂"),
    401: N_("要带令牌"),
    403: N_("不对你开放"),
    404: N_("没有找到"),
    405: N_("这个地址不收这种方法"),
    409: N_("现在的状态做不了"),
    413: N_("太大"),
    415: N_("要发 JSON"),
    422: N_("内容有误"),
    429: N_("太频繁"),
    500: N_("出错了"),
    503: N_("还没有准备好"),
}

DETAILS = {
    400: N_("请求的正文不是 JSON，或者不完整。"),
    401: N_("令牌不对、已过期或已吊销。在“我的设置”里可以新建。"),
    403: N_("这一步不对你开放。"),
    404: N_("没有这个地址或这一条，或者它不对你开放。"),
    405: N_("可用的方法见 Allow。"),
    409: N_("现在的状态做不了这一步，请重新读取后再看。"),
    413: N_("正文太大。"),
    415: N_("正文要写成 JSON，并标明 Content-Type: application/json。"),
    422: N_("有几处要改。"),
    429: N_("请求太频繁，请按 Retry-After 的秒数等一等。"),
    500: N_("出错了。我们已经记下，什么也没有写入。"),
    503: N_("这部分还没有准备好，请过一会儿再试。"),
}
"""Said where a status carries no sentence of its own, or none in the reader's language."""

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
    429: "too_many_requests",
    500: "internal_error",
    503: "not_ready",
}

RETRY_SECONDS = 30
"""After this long what was not ready may be: an encoder starts in less."""

GENERAL_FIELD = N_("这一项写得不对，请核对。")


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong. code: a stable word. fields: a sentence by the name of what was sent wrong."""

    status: int
    message: str = ""
    code: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


class ProblemRead(BaseModel):
    """The document of every error."""

    type: str = Field(description=N_("这类错误的说明所在的地址。"))
    title: str = Field(description=N_("这类错误的名字。"))
    status: int = Field(description=N_("HTTP 状态码。"))
    detail: str = Field(description=N_("这一次出了什么事，下一步做什么。"))
    code: str = Field(description=N_("固定的词，给程序判断用。"))
    fields: dict[str, str] = Field(description=N_("哪一项不对、为什么；没有就是空的。"))
    request_id: str = Field(description=N_("这次请求的编号，报障时请带上。"))


def problem(found: Problem) -> Response:
    """The answer; without its headers, which the caller knows."""
    status = found.status if found.status in TITLES else 500 if found.status >= 500 else 400
    document = ProblemRead(
        type=f"/api#problem-{status}",
        title=gettext(g.locale, TITLES[status]),
        status=found.status,
        detail=_said(found.message, DETAILS[status]),
        code=found.code or CODES[status],
        fields={name: _said(words, GENERAL_FIELD) for name, words in found.fields.items()},
        request_id=g.get("request_id", ""),
    )
    answer = Response(document.model_dump_json(), status=found.status, content_type=MEDIA_TYPE)
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _said(sentence: str, otherwise: str) -> str:
    known = bool(sentence) and is_translated(g.locale, sentence)
    return gettext(g.locale, sentence if known else otherwise)
