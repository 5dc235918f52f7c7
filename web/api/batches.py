"""Batches, open to every program: the calendar, and each released list as it was frozen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from flask import Blueprint, Response, g, url_for
from pydantic import ConfigDict, Field

from models.batch import Batch, get_batch, list_batches
from models.batch_list import MEDIA_TYPES, ListFormat, get_file, list_files
from models.i18n import N_
from models.texts import storable
from web.api.declared import Endpoint, Given, Listing, Paged, declares, listing
from web.auth import public

bp = Blueprint("api_batches", __name__, url_prefix="/api/v1/batches")

NUMBER = N_("批次编号，例如 2026Q4。")


class FileRead(Given):
    """One form of a frozen list."""

    format: Literal["json", "xlsx", "pdf"] = Field(description=N_("格式。"))
    sha256: str = Field(description=N_("文件的 SHA-256，以后一直不变。"))
    url: str = Field(description=N_("从哪里下载。"))


class BatchRead(Given):
    """A batch. Before its release nobody sees what is in it."""

    number: str = Field(description=NUMBER)
    url: str = Field(description=N_("给人看的网页。"))
    title: str = Field(description=N_("名称。"))
    title_en: str = Field(description=N_("英文名称，可能是空的。"))
    district: str = Field(description=N_("区的代码；空着是全市。"))
    status: Literal["collecting", "released", "closed"] = Field(description=N_("征集中、已发布还是已结束。"))
    is_demo: bool = Field(description=N_("是不是演示数据。"))
    collects_from_on: date | None = Field(description=N_("哪天开始收。"))
    collects_until_on: date | None = Field(description=N_("收到哪天。"))
    releases_at: datetime | None = Field(description=N_("打算什么时候发布。"))
    released_at: datetime | None = Field(description=N_("什么时候发布的。"))
    closes_on: date | None = Field(description=N_("清单的最后一天。"))
    files: list[FileRead] = Field(description=N_("冻结的清单；发布之前没有。"))


class FrozenList(Given):
    """The list of a batch as it was on the day of its release, byte for byte."""

    model_config = ConfigDict(frozen=True, extra="allow")

    schema_name: str = Field(alias="schema", description=N_("格式的名字和版本。"))
    number: str = Field(description=NUMBER)
    title: str = Field(description=N_("名称。"))
    released_at: datetime = Field(description=N_("什么时候发布的。"))
    scenarios: list[dict[str, Any]] = Field(description=N_("发布那天的各个场景。"))


@bp.get("")
@public
@declares(
    Endpoint(summary=N_("批次的清单"), query=Paged, answer=Listing[BatchRead], problems=(422,)),
)
def list_all(query: Paged) -> Listing[BatchRead]:
    """Every batch, the newest number first."""
    return listing(BatchRead, list_batches(g.session), query, lambda rows: [_read(row) for row in rows])


@bp.get("/<number>")
@public
@declares(Endpoint(summary=N_("一个批次"), answer=BatchRead, problems=(404,), path={"number": NUMBER}))
def show(number: str) -> BatchRead:
    """One batch by its number."""
    return _read(get_batch(g.session, storable(number)))


@bp.get("/<number>/list")
@public
@declares(
    Endpoint(summary=N_("发布那天的清单"), answer=FrozenList, problems=(404,), path={"number": NUMBER}),
)
def frozen(number: str) -> Response:
    """The frozen list; its hash is the ETag."""
    row = get_file(g.session, get_batch(g.session, storable(number)), ListFormat.JSON.value)
    answer = Response(row.content, content_type=MEDIA_TYPES[row.format])
    answer.set_etag(row.sha256)
    return answer


def _read(row: Batch) -> BatchRead:
    return BatchRead(
        number=row.number,
        url=url_for("lists.show", number=row.number, _external=True),
        title=row.title,
        title_en=row.title_en,
        district="" if row.district is None else row.district.code,
        status=row.status_on(g.today).value,  # type: ignore[arg-type]
        is_demo=row.is_demo,
        collects_from_on=row.collects_from_on,
        collects_until_on=row.collects_until_on,
        releases_at=row.releases_at,
        released_at=row.released_at,
        closes_on=row.closes_on,
        files=[
            FileRead(
                format=file.format.value,  # type: ignore[arg-type]
                sha256=file.sha256,
                url=url_for("lists.download", number=row.number, kind=file.format.value, _external=True),
            )
            for file in list_files(g.session, row.key)
        ],
    )
