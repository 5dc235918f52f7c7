"""An addendum: what changed, and why; both are said."""

from __future__ import annotations

from typing import Annotated

from models.addendum import MAX_WHAT, MAX_WHY
from web.forms.parsing import Form, filled


class AddendumForm(Form):
    """What is different from now on, and the reason."""

    what: Annotated[str, filled(MAX_WHAT)]
    why: Annotated[str, filled(MAX_WHY)]
