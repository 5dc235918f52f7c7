from __future__ import annotations

import io
import zipfile
from datetime import date
from html import unescape

from flask.testing import FlaskClient
from sqlmodel import Session

from models.config import Settings
from models.files import store_file
from models.funding_rule_file import load_rules
from models.user import Role, User
from tests.factories import MONDAY, make_evidence, make_firm, make_user, save
from tests.funding_examples import make_condition, make_rule
from tests.web.pages.test_pilots import city_pilot

LIVE = {
    "agreed_at": MONDAY, "started_at": MONDAY, "in_use_at": MONDAY, "go_live_on": date(2026, 11, 16), "n_users": 12,
}  # fmt: skip


def page_of(client: FlaskClient, address: str = "/funding/options") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_a_founder_sees_routes_clauses_proofs_and_what_excludes_what(as_firm, session: Session, city) -> None:
    city_pilot(session, city, **LIVE)
    load_rules(session)

    page = page_of(as_firm)

    assert "政务人工智能开放场景应用资助" in page and "500万元" in page
    assert "找检测机构" in page and "同一项目不重复享受" in page
    assert "服务中心可辅导" in page
    assert "不承诺" in page


def test_a_one_person_company_is_told_what_it_fails(as_firm, session: Session, city) -> None:
    city.firm.team_size = 1
    load_rules(session)

    assert "要求至少2人，要先找到伙伴" in page_of(as_firm)


def test_it_is_asked_as_of_a_day(as_firm, session: Session, city) -> None:
    city_pilot(session, city, **LIVE)
    rule = make_rule(make_condition("pilot_in_use"), title="会到期的", valid_until_on=date(2026, 12, 17))
    save(session, rule)

    assert "会到期的" in page_of(as_firm)
    assert "会到期的" not in page_of(as_firm, "/funding/options?on=2027-01-01")


def test_it_speaks_english(as_firm, session: Session, city) -> None:
    city_pilot(session, city, **LIVE)
    load_rules(session)

    page = page_of(as_firm, "/funding/options?lang=en")

    assert "Routes to funding" in page and "Grant for AI in open government scenarios" in page


def test_the_pack_is_for_parties_and_officers(
    as_firm, as_agency, log_in, session: Session, settings: Settings, city
) -> None:
    pilot = city_pilot(session, city, **LIVE)
    stored = store_file(settings.files_dir, "报告.txt", "测试".encode(), max_bytes=1000)
    make_evidence(session, pilot, file_hash=stored.digest, file_size=stored.size, file_name=stored.name)
    address = f"/pilots/{pilot.key}/pack"
    stranger = make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key)

    packs = [client.get(address) for client in (as_firm, as_agency, log_in(city.users[Role.FUNDING_OFFICER]))]

    assert [answer.status_code for answer in packs] == [200] * 3
    assert len({answer.data for answer in packs}) == 1
    names = zipfile.ZipFile(io.BytesIO(packs[0].data)).namelist()
    assert names == ["manifest.json", "documents/01-test_report-报告.txt", "SHA256SUMS"]
    assert "attachment" in packs[0].headers["Content-Disposition"]
    assert isinstance(stranger, User)
    assert log_in(stranger).get(address).status_code == 404
    assert as_agency.get("/funding/options").status_code == 403
