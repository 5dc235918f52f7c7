from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import subject_events
from models.capability import Capability
from models.match import Match
from models.outbox import MailKind, OutboxMail
from models.proof import Proof, ProofStatus
from models.user import Role, User, UserRole
from tests.factories import MONDAY, make_capability, make_district, make_proof, make_score, make_user, save

FIELDS = {"kind": "filing", "filing": "mlps_2", "title": "等保测评报告", "valid_until_on": "2027-05-01"}
PDF = b"%PDF-1.4 report"


@pytest.fixture
def mine(session: Session, city) -> Capability:
    return make_capability(session, organisation_id=city.firm.key)


@pytest.fixture
def operator(city, log_in: Callable[[User], FlaskClient]) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


def give(
    client: FlaskClient, row: Capability, *, file: bytes | None = PDF, name: str = "r.pdf", **changes: str
):
    data: dict[str, object] = {**FIELDS, **changes}
    if file is not None:
        data["file"] = (io.BytesIO(file), name)
    return client.post(f"/capabilities/{row.key}/proofs", data=data)


def stored(session: Session) -> list[Proof]:
    return list(session.exec(select(Proof)))


def test_who_may_not_give_or_decide(session, client, as_agency, as_firm, operator, mine):
    theirs = make_proof(session)
    address = f"/capabilities/{mine.key}/proofs"

    assert client.get(address).status_code == 303
    assert as_agency.get(address).status_code == 403
    assert operator.get(address).status_code == 403
    assert as_firm.get("/proofs").status_code == 403
    assert as_firm.get(f"/capabilities/{theirs.capability_id}/proofs").status_code == 404
    assert as_firm.post(f"/capabilities/{mine.key}/proofs/{theirs.key}/remove").status_code == 404
    assert as_firm.get(f"/capabilities/{mine.key}/proofs/{theirs.key}/file").status_code == 404


def test_a_document_is_given_and_ticks_its_filing(session, as_firm, mine):
    answer = give(as_firm, mine)

    (proof,) = stored(session)
    session.refresh(mine)
    assert answer.status_code == 303
    assert (proof.status, proof.file_name, proof.filing) == (ProofStatus.DECLARED, "r.pdf", "mlps_2")
    assert mine.filings == ["mlps_2"]
    assert [event.action for event in subject_events(session, "proof", proof.key)] == ["proof.given"]
    assert "自报，待核" in as_firm.get(f"/capabilities/{mine.key}/proofs").text
    assert as_firm.get(f"/capabilities/{mine.key}/proofs/{proof.key}/file").data == PDF


def test_open_source_work_needs_an_address_only(session, as_firm, mine):
    answer = give(
        as_firm, mine, file=None, kind="open_source", url="https://code.example/a", valid_until_on=""
    )

    (proof,) = stored(session)
    assert (answer.status_code, proof.url, proof.file_hash) == (303, "https://code.example/a", None)
    assert as_firm.get(f"/capabilities/{mine.key}/proofs/{proof.key}/file").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"file": None}, "file"), ({"file": b"MZ"}, "file"), ({"file": PDF, "name": "r.exe"}, "file"),
        ({"title": ""}, "title"), ({"filing": ""}, "filing"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_at_its_field(session, as_firm, mine, changes, field):
    answer = give(as_firm, mine, **changes)

    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert stored(session) == []


def test_an_operator_checks_and_agencies_see_the_mark(session, as_firm, as_agency, operator, city, mine):
    make_score(session, session.get_one(Match, city.match_id), capability_id=mine.key, score=0.99)
    give(as_firm, mine)
    (proof,) = stored(session)
    candidates = f"/my/scenarios/{city.scenario.key}/candidates?band=all"
    assert "等保二级 自报" in as_agency.get(candidates).text
    page = operator.get("/proofs").text
    assert "等保测评报告" in page and city.firm.name in page

    operator.post(f"/proofs/{proof.key}/decide", data={"verdict": "checked"})

    assert "等保二级 材料已核" in as_agency.get(candidates).text
    assert "没有等着核的证明" in operator.get("/proofs").text
    assert as_firm.post(f"/capabilities/{mine.key}/proofs/{proof.key}/remove").status_code == 409
    assert operator.post(f"/proofs/{proof.key}/decide", data={"verdict": "checked"}).status_code == 409


def test_a_refusal_needs_a_reason_and_the_firm_reads_it_also_by_mail(session, as_firm, operator, mine, city):
    proof = make_proof(session, capability_id=mine.key)

    silent = operator.post(f"/proofs/{proof.key}/decide", data={"verdict": "refused"})
    said = operator.post(f"/proofs/{proof.key}/decide", data={"verdict": "refused", "note": "编号看不清"})

    assert (silent.status_code, said.status_code) == (422, 303)
    assert 'href="#field-note"' in silent.text
    page = as_firm.get(f"/capabilities/{mine.key}/proofs").text
    assert "没有通过" in page and "编号看不清" in page
    mails = session.exec(select(OutboxMail).where(OutboxMail.kind == MailKind.PROOF_REFUSED)).all()
    assert [(mail.subject_ref, mail.recipient) for mail in mails] == [
        (f"proof:{proof.key}", city.users[Role.STARTUP].email)
    ]


def test_a_firm_takes_back_what_nobody_checked(session, as_firm, mine):
    proof = make_proof(session, capability_id=mine.key)

    assert as_firm.post(f"/capabilities/{mine.key}/proofs/{proof.key}/remove").status_code == 303

    assert stored(session) == []


def test_a_new_proof_brings_a_lapsed_filing_back(session, as_firm, city):
    row = make_capability(
        session, organisation_id=city.firm.key, filings=["mlps_2"], lapsed_filings=["mlps_2"]
    )
    make_proof(session, capability_id=row.key, filing="mlps_2", expired_at=MONDAY)
    assert "等保二级 已过期" in as_firm.get(f"/capabilities/{row.key}/preview").text
    assert "匹配时不再算" in as_firm.get(f"/capabilities/{row.key}").text

    give(as_firm, row)

    session.refresh(row)
    assert row.lapsed_filings == []


def test_an_operator_of_another_district_decides_nothing_here(session, log_in, mine):
    proof = make_proof(session, capability_id=mine.key)
    elsewhere = make_district(session)
    person = make_user(session)
    save(session, UserRole(user_id=person.key, role=Role.OPERATOR, district_id=elsewhere.key))
    session.refresh(person)
    client = log_in(person)

    assert "等保" not in client.get("/proofs").text
    assert client.post(f"/proofs/{proof.key}/decide", data={"verdict": "checked"}).status_code == 404
    assert client.get(f"/capabilities/{mine.key}/proofs/{proof.key}/file").status_code == 404
