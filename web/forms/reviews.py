"""A reviewer's answer: words on the whole, words on single fields, and the batch an approved text waits for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from models.errors import InvalidInput
from models.i18n import N_
from models.review import MAX_REMARK, REVIEWED
from models.texts import storable
from web.forms.parsing import Form, OptionalInt, maybe, parse

MAX_NOTE = 2000


class NoteForm(Form):
    """Words on the whole."""

    note: Annotated[str, maybe(MAX_NOTE)] = ""


class ApprovalForm(NoteForm):
    """The batch may stay open: an operator finds one later."""

    batch_id: OptionalInt = None


def parse_return(sent: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The note and the remarks by field, from the fields remark_<field>; InvalidInput for one that is too long."""
    remarks = {name: storable(sent.get(f"remark_{name}", "")).strip() for name in REVIEWED}
    wrong = {
        f"remark_{name}": N_("太长，请缩短。") for name, text in remarks.items() if len(text) > MAX_REMARK
    }
    if wrong:
        raise InvalidInput(N_("有几处要改。"), fields=wrong)
    return parse(NoteForm, sent).note, {name: text for name, text in remarks.items() if text}
