"""What is held about a person: one decision for every table, so that nothing is forgotten when a table is added.

The export walks these decisions; tests compare them with the tables that there are and with their columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from models.i18n import N_
from models.user import User


@dataclass(frozen=True, slots=True)
class Personal:
    """Rows of a table that speak of a person.

    by_user: columns that hold the person's id. by_address: columns that hold an address of the person. through: a
    column that leads to a row of another table which is the person's. secret: columns that would let somebody in, and
    say nothing about the person; they are never handed out.
    """

    words: str
    by_user: tuple[str, ...] = ()
    by_address: tuple[str, ...] = ()
    through: tuple[str, str] | None = None
    secret: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotPersonal:
    """Rows of a table that speak of nobody, and why that is so."""

    why: str


CITY = NotPersonal("what the city has, not who")
ORGANISATIONS = NotPersonal("said by an organisation about its work; its people are named in no column")
MACHINE = NotPersonal("computed from texts of organisations")
WORKING = NotPersonal("how the program runs")

DECISIONS: Mapping[str, Personal | NotPersonal] = {
    "user": Personal(N_("账号"), by_user=("id",), by_address=("email",), secret=("password_hash",)),
    "user_role": Personal(N_("角色"), by_user=("user_id",)),
    "user_session": Personal(N_("登录记录"), by_user=("user_id",), secret=("token_hash",)),
    "half_login": Personal(N_("等验证码的登录"), by_user=("user_id",), secret=("token_hash",)),
    "one_time_link": Personal(N_("设密码的链接"), by_user=("user_id",), secret=("token_hash", "nonce")),
    "second_factor": Personal(N_("两步验证"), by_user=("user_id",), secret=("nonce",)),
    "recovery_code": Personal(
        N_("恢复码"), through=("second_factor_id", "second_factor"), secret=("code_hash",)
    ),
    "api_token": Personal(N_("API 令牌"), by_user=("user_id",), secret=("token_hash",)),
    "kept_answer": Personal(
        N_("给你的程序的答复"), through=("token_id", "api_token"), secret=("request_hash", "token_id")
    ),
    "webhook": Personal(N_("通知你的程序"), by_user=("user_id",), secret=("nonce",)),
    "webhook_delivery": Personal(N_("给你的程序的通知"), through=("webhook_id", "webhook")),
    "subscription": Personal(N_("邮件摘要"), by_user=("user_id",), by_address=("email",), secret=("token",)),
    "digest_item": Personal(N_("摘要里寄过的匹配"), through=("subscription_id", "subscription")),
    "outbox_mail": Personal(N_("寄给你的邮件"), by_address=("recipient",)),
    "suppressed_address": Personal(N_("寄不到的地址"), by_address=("address",)),
    "colleague_invitation": Personal(
        N_("成员邀请"), by_user=("invited_by_user_id",), by_address=("email",), secret=("nonce", "token_hash")
    ),
    "contact_access": Personal(N_("谁看过谁的联系方式"), by_user=("owner_user_id", "reader_user_id")),
    "scenario": Personal(N_("你是联系人的场景"), by_address=("contact_email",)),
    "addendum": Personal(N_("你发的变更"), by_user=("issued_by_user_id",)),
    "question": Personal(N_("你提的或答的问题"), by_user=("asked_by_user_id", "answered_by_user_id")),
    "review_round": Personal(N_("你提交或审核的"), by_user=("submitted_by_user_id", "decided_by_user_id")),
    "bid": Personal(N_("你对方案的决定"), by_user=("decided_by_user_id",)),
    "bid_version": Personal(N_("你提交的方案"), by_user=("submitted_by_user_id",)),
    "bid_file": Personal(N_("你上传的方案附件"), by_user=("uploaded_by_user_id",)),
    "jury": Personal(N_("你开始或决定的评审"), by_user=("begun_by_user_id", "decided_by_user_id")),
    "juror": Personal(N_("你做评委的评审"), by_user=("user_id",)),
    "mark": Personal(N_("你打的分"), through=("juror_id", "juror")),
    "proof": Personal(N_("你交的或核的证明"), by_user=("given_by_user_id", "decided_by_user_id")),
    "saved_search": Personal(N_("你存下的搜索"), by_user=("user_id",), secret=("token",)),
    "search_news": Personal(N_("寄给你的搜索新结果"), by_user=("user_id",)),
    "funding_rule_change": Personal(
        N_("你起草或批准的政策变更"), by_user=("written_by_user_id", "approved_by_user_id")
    ),
    "milestone": Personal(N_("你记为完成的里程碑"), by_user=("done_by_user_id",)),
    "usage_entry": Personal(N_("你记的使用情况"), by_user=("logged_by_user_id",)),
    "use_report": Personal(N_("你写的使用报告"), by_user=("written_by_user_id",)),
    "acceptance": Personal(N_("你记的验收"), by_user=("recorded_by_user_id",)),
    "pilot_decision": Personal(N_("你记的去留决定"), by_user=("recorded_by_user_id",)),
    "registration": Personal(N_("你的活动报名"), by_user=("user_id",)),
    "evidence": Personal(N_("你上传的材料"), by_user=("uploaded_by_user_id",)),
    "import_run": Personal(N_("你导入的清单"), by_user=("user_id", "undone_by_user_id")),
    "pair_label": Personal(N_("你标的样本"), by_user=("labelled_by_user_id",)),
    "weight_version": Personal(
        N_("你启用或撤回的权重"), by_user=("activated_by_user_id", "reverted_by_user_id")
    ),
    "work_request": Personal(N_("你要求的作业"), by_user=("requested_by_user_id",)),
    "audit_event": Personal(N_("你做过的事"), by_user=("actor_user_id",)),
    "district": CITY,
    "community": CITY,
    "district_programme": CITY,
    "plan_target": CITY,
    "batch": CITY,
    "batch_file": NotPersonal("the public list, which leaves contacts out"),
    "funding_rule": CITY,
    "event": CITY,
    "event_scenario": CITY,
    "event_firm": ORGANISATIONS,
    "organisation": ORGANISATIONS,
    "requirement": ORGANISATIONS,
    "capability": ORGANISATIONS,
    "capability_case": ORGANISATIONS,
    "match": ORGANISATIONS,
    "candidacy": ORGANISATIONS,
    "rubric": ORGANISATIONS,
    "pilot": ORGANISATIONS,
    "funding_record": ORGANISATIONS,
    "review_remark": NotPersonal("part of a review round, which is listed"),
    "import_change": NotPersonal("rows of organisations as they were before an import"),
    "match_score": MACHINE,
    "team_proposal": MACHINE,
    "proposed_member": MACHINE,
    "embedding": MACHINE,
    "evaluation": MACHINE,
    "market_survey": MACHINE,
    "job_run": WORKING,
    "scheduler_lease": WORKING,
    "scheduled_job": WORKING,
    "mail_example": WORKING,
    "login_attempt": NotPersonal("a hash of what was typed, of a quarter of an hour"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """The rows of one table that speak of the person; values as JSON knows them."""

    table: str
    words: str
    rows: list[dict[str, Any]]


def held_about(session: Session, person: User) -> list[Held]:
    """Everything that is held about a person, in the order of DECISIONS; tables without such rows are left out."""
    found = []
    for name, decision in DECISIONS.items():
        if isinstance(decision, Personal):
            table = SQLModel.metadata.tables[name]
            columns = [column for column in table.columns if _is_told(column, decision)]
            statement = sa.select(*columns).where(_of(decision, table, person)).order_by(table.c.id)
            rows = [dict(row) for row in session.execute(statement).mappings()]
            if rows:
                found.append(Held(name, decision.words, [_plain(row) for row in rows]))
    return found


def count_held(session: Session, person: User) -> list[tuple[str, int]]:
    """(what, how many rows) of everything that is held about a person; tables without such rows are left out."""
    found = []
    for name, decision in DECISIONS.items():
        if isinstance(decision, Personal):
            table = SQLModel.metadata.tables[name]
            statement = sa.select(sa.func.count()).select_from(table).where(_of(decision, table, person))
            found.append((decision.words, int(session.execute(statement).scalar_one())))
    return [(words, n) for words, n in found if n]


def _is_told(column: sa.Column[Any], decision: Personal) -> bool:
    """Documents made from a row say nothing that its other columns do not."""
    return column.name not in decision.secret and not isinstance(column.type, sa.LargeBinary)


def _of(decision: Personal, table: sa.Table, person: User) -> sa.ColumnElement[bool]:
    """The condition "speaks of the person"."""
    conditions = [table.c[column] == person.key for column in decision.by_user]
    conditions += [sa.func.lower(table.c[column]) == person.email for column in decision.by_address]
    if decision.through is not None:
        column, parent_name = decision.through
        parent, above = SQLModel.metadata.tables[parent_name], DECISIONS[parent_name]
        assert isinstance(above, Personal), "a way leads to what is somebody's"
        conditions.append(table.c[column].in_(sa.select(parent.c.id).where(_of(above, parent, person))))
    return sa.or_(*conditions)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in row.items()
    }
