"""Labels: pairs that those who run the market judge, so that the ranking can be measured.

Whoever judges sees both texts and neither band nor order: the label must not repeat what the machine said.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlmodel import col, select

from models.audit import record
from models.base import find_row
from models.capability import Capability, organisation_capabilities
from models.errors import InvalidInput, NotFound
from models.i18n import N_, gettext
from models.label_queue import find_next_to_label
from models.match import Match
from models.match_queries import find_match
from models.pair_label import LabelGrade, LabelSource, label_names, present_labels
from models.pair_label_file import MARKS, LabelReport, make_label, read_labels, store_labels
from models.user import User
from web.auth import requires
from web.forms.labels import LabelFileForm, LabelForm
from web.forms.parsing import parse
from web.forms.view import FormView, rejected
from web.frame import READS_EVALUATION
from web.paging import page_number, paginate
from web.tables import file_answer
from web.uploads import get_sent, read_sent, upload_limit

bp = Blueprint("labels", __name__, url_prefix="/evaluation")

MAX_FILE_BYTES = 2_000_000
N_REJECTED = 20
"""Rows of a refused file that are named on the page; the rest are counted."""


@bp.get("/labels")
@requires(*READS_EVALUATION)
def list_all() -> str:
    """The labelled pairs, newest first, and the file in which they come and go."""
    return _page()


def _page(form: FormView | None = None, report: LabelReport | None = None, *, applied: bool = False) -> str:
    labels = list(present_labels(g.session).values())[::-1]
    grade = request.args.get("grade", "")
    chosen = [label for label in labels if not grade or label.grade == grade]
    page = paginate(chosen, page_number(request.args.get("page", "1")))
    pairs = [(label.scenario_id, label.organisation_id) for label in page.rows]
    return render_template(
        "pages/labels/list.html",
        page=page,
        grade=grade,
        grades={each.value: sum(label.grade is each for label in labels) for each in LabelGrade},
        names=label_names(g.session, pairs),
        matches={pair: find_match(g.session, *pair) for pair in pairs},
        people=_names({label.labelled_by_user_id for label in page.rows}),
        form=form or FormView(),
        report=report,
        applied=applied,
        n_rejected=N_REJECTED,
        following=find_next_to_label(g.session, on=g.today),
    )


def _names(ids: set[int | None]) -> dict[int, str]:
    statement = select(User).where(col(User.id).in_([id_ for id_ in ids if id_ is not None]))
    return {person.key: person.name for person in g.session.exec(statement)}


@bp.get("/labels/<id:match_id>")
@requires(*READS_EVALUATION)
def show(match_id: int) -> str:
    """One pair to judge: what is asked, and what the firm can do."""
    match = _match(match_id)
    pair = (match.scenario_id, match.organisation_id)
    return render_template(
        "pages/labels/show.html",
        match=match,
        scenario=match.scenario,
        capabilities=_listed(match.organisation_id),
        label=present_labels(g.session, [match.scenario_id]).get(pair),
    )


def _listed(firm_id: int) -> list[Capability]:
    rows = organisation_capabilities(g.session, firm_id)
    return [row for row in rows if row.listed_at is not None and row.unlisted_at is None]


@bp.post("/labels/<id:match_id>")
@requires(*READS_EVALUATION)
def mark(match_id: int) -> Response:
    """Keep what somebody thinks of the pair, and go on to the next."""
    match = _match(match_id)
    form = parse(LabelForm, request.form)
    label = make_label(
        (match.scenario_id, match.organisation_id), form.grade, LabelSource.PAGE, by=g.user, now=g.now
    )
    record(
        g.session, actor=g.user, action="label.added", subject=label,
        details={"match_id": match_id, "grade": form.grade.value},
    )  # fmt: skip
    g.session.commit()
    flash({"words": gettext(g.locale, N_("标注已记下。"))})
    following = find_next_to_label(g.session, on=g.today)
    if following is None:
        return _to_list()
    return redirect(url_for("labels.show", match_id=following.key), code=303)  # type: ignore[return-value]


def _match(match_id: int) -> Match:
    match = find_row(g.session, Match, match_id)
    if match is None or match.scenario.published_at is None:
        raise NotFound(N_("没有这条匹配。"))
    return match


@bp.get("/labels.<ending>")
@requires(*READS_EVALUATION)
def export(ending: str) -> Response:
    """The labelled pairs as a file that can be read again."""
    labels = present_labels(g.session)
    names = label_names(g.session, list(labels))
    header = ["scenario_id", "firm_id", "grade", "scenario", "title", "firm", "labelled_at", "source"]
    rows = [
        [
            *pair, MARKS[label.grade], names[pair][0].number, names[pair][0].title, names[pair][1].name,
            label.labelled_at.isoformat(), label.source.value,
        ]
        for pair, label in labels.items()
    ]  # fmt: skip
    return file_answer("labels", ending, header, rows)


@bp.post("/labels/import")
@requires(*READS_EVALUATION)
def import_file() -> Response:
    """Read a file of labels; say what it would change, or change it where that is asked for."""
    report = LabelReport()
    try:
        form = parse(LabelFileForm, request.form)
        rows = read_labels(_upload(), report)
    except InvalidInput as error:
        return make_response(
            _page(rejected(error, request.form, {"file": gettext(g.locale, N_("文件"))})), 422
        )
    store_labels(g.session, rows, report, by=g.user, now=g.now)
    if not form.apply:
        g.session.rollback()
        return make_response(_page(report=report))
    record(
        g.session, actor=g.user, action="labels.imported", subject=g.user,
        details={"new": report.n_new, "changed": report.n_changed, "rejected": len(report.rejected)},
    )  # fmt: skip
    g.session.commit()
    return make_response(_page(report=report, applied=True))


def _upload() -> bytes:
    limit = min(MAX_FILE_BYTES, upload_limit())
    content = read_sent(get_sent(), max_bytes=limit)
    if len(content) > limit:
        raise InvalidInput(
            N_("文件太大，请分成几个再导入。"), fields={"file": N_("文件太大，请分成几个再导入。")}
        )
    return content


def _to_list() -> Response:
    return redirect(url_for("labels.list_all"), code=303)  # type: ignore[return-value]
