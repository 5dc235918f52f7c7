"""A label of one pair, and a file of labels."""

from __future__ import annotations

from models.pair_label import LabelGrade
from web.forms.parsing import Form


class LabelForm(Form):
    """What somebody thinks of a pair."""

    grade: LabelGrade


class LabelFileForm(Form):
    """apply: whether to store what is read, rather than only say what would be stored."""

    apply: bool = False
