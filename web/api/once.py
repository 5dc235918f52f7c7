"""Writes that happen once: the same idempotency key with the same request gives the answer that was given before."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from flask import Response, g, request

from models.errors import InvalidInput
from models.i18n import N_
from models.kept_answer import KeptAnswer, find_kept, keep

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[!-~]{1,100}")
KEY_PATTERN = "^[!-~]{1,100}$"


def once(act: Callable[[], Response]) -> Response:
    """The answer of `act`, whose work is committed with it; or the one kept under the key this request names.

    InvalidInput for a key that is none, and for one that was used for another request. Of two requests at once with
    one key the second meets a unique constraint and is a conflict.
    """
    key = request.headers.get(HEADER)
    if key is None:
        answer = act()
        g.session.commit()
        return answer
    if not KEY.fullmatch(key):
        raise InvalidInput(N_("Idempotency-Key 要写成 1 到 100 个可见的英文字符。"), code="idempotency_key")
    digest = _digest()
    kept = find_kept(g.session, g.token.key, key, now=g.now)
    if kept is not None:
        return _replayed(kept, digest)
    answer = act()
    row = KeptAnswer(
        created_at=g.now,
        token_id=g.token.key,
        request_key=key,
        request_hash=digest,
        status=answer.status_code,
        content=answer.get_data(as_text=True),
    )
    keep(g.session, row, now=g.now)
    g.session.commit()
    return answer


def _replayed(kept: KeptAnswer, digest: str) -> Response:
    if kept.request_hash != digest:
        raise InvalidInput(
            N_("这个 Idempotency-Key 已经用在另一个请求上，请换一个。"), code="idempotency_key_reused"
        )
    answer = Response(kept.content, status=kept.status, content_type="application/json")
    answer.headers[REPLAYED] = "true"
    return answer


def _digest() -> str:
    asked = f"{request.method} {request.full_path}\0".encode()
    return hashlib.sha256(asked + request.get_data()).hexdigest()
