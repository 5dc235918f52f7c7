"""My funding (资助路线): what a firm could get today, clause by clause; and the pack of proofs to hand in."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, g, render_template, send_file

from models.errors import NotFound
from models.evidence_pack import make_pack
from models.funding_options import find_options
from models.funding_rule import FundingKind, rule_as_of
from models.i18n import N_
from models.organisation import Organisation
from models.user import Role
from web.auth import my_organisation_id, requires
from web.pages.pilots import READERS, my_pilot
from web.pages.rules import asked_day
from web.presenters.options import present_option
from web.uploads import files_dir

bp = Blueprint("funding_options", __name__)


@bp.get("/funding/options")
@requires(Role.STARTUP)
def show() -> str:
    """Every route of my firm as of a day, those that nothing rules out first."""
    firm = g.session.get(Organisation, my_organisation_id())
    if firm is None:
        raise NotFound(N_("没有这家企业。"))
    on = asked_day()
    views = [
        present_option(option, g.locale, on=on) for option in find_options(g.session, firm, on, zone=g.zone)
    ]
    return render_template(
        "pages/funding_options/show.html",
        firm=firm,
        on=on,
        routes=[view for view in views if view.verdict != "unmet" and view.rule.kind is not FundingKind.INFO],
        closed=[view for view in views if view.verdict == "unmet"],
        pointers=[view for view in views if view.verdict != "unmet" and view.rule.kind is FundingKind.INFO],
        guidance=rule_as_of(g.session, "filing_guidance", on),
        pilots=list({view.pilot_id: view.pilot_title for view in views if view.pilot_id is not None}.items()),
    )


@bp.get("/pilots/<id:pilot_id>/pack")
@requires(*READERS)
def pack(pilot_id: int) -> Response:
    """The standing documents of a pilot with their manifest, as a ZIP."""
    pilot, _ = my_pilot(pilot_id)
    content = make_pack(g.session, pilot, files_dir(), on=g.today, zone=g.zone)
    name = f"evidence-{pilot.scenario.number or pilot.key}-{pilot.key}-{g.today:%Y%m%d}.zip"
    return send_file(BytesIO(content), mimetype="application/zip", as_attachment=True, download_name=name)
