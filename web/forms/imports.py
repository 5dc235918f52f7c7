"""The upload of a list, and what its columns are taken for."""

from __future__ import annotations

from typing import Annotated, Literal

from models.transfer_rows import ROW_MODELS
from web.forms.parsing import Form, maybe


class UploadForm(Form):
    """owner: name of the organisation that every row belongs to; empty where the file names it."""

    kind: Literal["scenarios", "capabilities"]
    owner: Annotated[str, maybe(200)] = ""
    release: bool = False


class ColumnsForm(Form):
    """table: sheet or table to read; the columns themselves are counted, see `chosen_fields`."""

    table: Annotated[str, maybe(80)] = ""
    release: bool = False


def chosen_fields(names: list[str], sent: dict[str, str], kind: str) -> dict[str, str]:
    """Column -> field as chosen in the selects `column-0`, `column-1`, ...; what no field is called is no choice."""
    fields = ROW_MODELS[kind].model_fields
    chosen = {name: sent.get(f"column-{place}", "") for place, name in enumerate(names)}
    return {name: field for name, field in chosen.items() if field in fields}
