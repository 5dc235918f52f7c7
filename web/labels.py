"""The word a reader sees for each stored code. Unknown codes (an import may bring its own) are shown as they are."""

from __future__ import annotations

from models.i18n import N_, gettext
from web.audit_labels import AUDIT_TABLES
from web.desk_labels import DESK_TABLES

DOMAINS = {
    "city_governance": N_("城市治理"),
    "public_service": N_("公共服务"),
    "advanced_manufacturing": N_("先进制造"),
    "modern_services": N_("现代服务"),
    "research": N_("科学研究"),
    "agriculture": N_("农业"),
    "healthcare": N_("医疗健康"),
    "other": N_("其他领域"),
}

DEPLOYMENTS = {
    "gov_cloud": N_("政务云"),
    "on_premise": N_("本地机房"),
    "edge": N_("端侧"),
    "saas": N_("SaaS"),
    "any": N_("部署不限"),
}

SCENARIO_KINDS = {
    "government": N_("政务场景"),
    "industry": N_("产业场景"),
    "challenge": N_("揭榜"),
}

BANDS = {
    "strong": N_("强"),
    "possible": N_("可能"),
    "weak": N_("弱"),
    "not_enough_information": N_("信息不足"),
}

VERDICTS = {
    "met": N_("满足"),
    "partly": N_("部分满足"),
    "unmet": N_("未满足"),
    "unknown": N_("不明"),
}

TALLY = {"met": N_("满足"), "partly": N_("部分"), "unmet": N_("未满足"), "unknown": N_("不明")}

EVIDENCE_SOURCES = {
    "text": N_("能力说明"),
    "case": N_("案例"),
    "deployment": N_("能力清单的部署方式"),
    "filings": N_("能力清单的备案"),
    "data": N_("能力清单的数据要求"),
}

MATURITIES = {
    "idea": N_("构想"),
    "prototype": N_("样机"),
    "pilot": N_("试用"),
    "commercial": N_("商用"),
}

FILINGS = {
    "algorithm_filing": N_("算法备案"),
    "model_filing": N_("大模型备案"),
    "security_assessment": N_("安全评估"),
    "mlps": N_("等级保护"),
    "mlps_2": N_("等保二级"),
    "mlps_3": N_("等保三级"),
}

WEBHOOK_KINDS = {
    "scenario.published": N_("场景发布"),
    "batch.released": N_("批次发布"),
    "match.found": N_("找到强或可能的匹配"),
    "pilot.changed": N_("试点有变化"),
    "ping": N_("测试"),
}

WEBHOOK_REASONS = {
    "refused": N_("对方没有接受，状态码"),
    "timeout": N_("对方太久没有回答"),
    "no_connection": N_("连不上"),
    "no_answer": N_("连上了，没有回答"),
    "bad_certificate": N_("证书不对"),
    "unknown_host": N_("找不到这个域名"),
    "private_address": N_("域名指到了内网，不能送"),
    "not_https": N_("不是 https，不能送"),
    "owner_shut_out": N_("账号锁定或机构停用，不再送"),
}

SCOPES = {"read": N_("读"), "write": N_("写"), "match": N_("匹配")}

DECLINE_REASONS = {
    "evidence_missing": N_("缺证据：案例、测试或备案不够"),
    "deployment": N_("部署方式不符"),
    "no_capacity": N_("对方排不开"),
    "out_of_scope": N_("做的不是这件事"),
    "price": N_("价格超出预算"),
    "other_chosen": N_("已选定别家"),
    "other": N_("其他"),
}

DISMISS_REASONS = {
    "not_my_field": N_("不是我做的方向"),
    "no_capacity": N_("现在排不开"),
    "budget": N_("预算不合适"),
    "deadline": N_("时间来不及"),
    "data_access": N_("数据拿不到"),
    "other": N_("其他"),
}

EVIDENCE_KINDS = {
    "test_report": N_("测试报告"),
    "use_report": N_("用户使用报告"),
    "contract": N_("合同"),
    "invoice": N_("发票"),
    "payment": N_("付款凭证"),
    "acceptance": N_("验收材料"),
    "filing": N_("备案材料"),
    "credit_report": N_("信用报告"),
    "audit_report": N_("专项审计报告"),
    "other": N_("其他材料"),
}

FUNDING_KINDS = {
    "grant": N_("资助"),
    "subsidy": N_("补贴"),
    "voucher": N_("券"),
    "award": N_("奖励"),
    "loan": N_("贷款"),
    "info": N_("指引"),
}

OUTCOMES = {"scale": N_("推广"), "extend": N_("延期"), "stop": N_("终止")}

CONCLUSIONS = {"passed": N_("通过"), "conditional": N_("有条件通过"), "failed": N_("不通过")}

ITEM_VERDICTS = {"met": N_("达到"), "unmet": N_("没达到"), "not_applicable": N_("没约定")}

CHECKLIST = {
    "target_reached": N_("成效指标达到目标"),
    "use_report_signed": N_("使用报告已签发"),
    "test_report_checked": N_("测试报告已核"),
    "data_settled": N_("数据已按约定归还或删除"),
    "handed_over": N_("文档和培训已交付"),
}

RULE_STATUSES = {
    "draft": N_("还没有施行"),
    "in_force": N_("施行中"),
    "expiring": N_("快到期"),
    "expired": N_("已到期"),
    "unverified": N_("待核"),
}

FUNDING_TARGETS = {"pilot": N_("一个试点"), "firm": N_("企业支出"), "person": N_("个人")}

SPEND_PURPOSES = {
    "compute": N_("算力"),
    "model": N_("模型"),
    "corpus": N_("语料"),
    "investment": N_("项目实际投入"),
}

CONDITION_KINDS = {
    "scenario_published_by": N_("场景由谁发布"),
    "scenario_kind_in": N_("场景类别"),
    "scenario_domain_in": N_("场景领域"),
    "scenario_published_before_delivery": N_("先发布后交付"),
    "pilot_in_use": N_("已投入使用"),
    "pilot_accepted": N_("已验收通过"),
    "applicant_in_place": N_("企业所在城市"),
    "applicant_kind": N_("申报主体类型"),
    "applicant_age_max_days": N_("成立不超过多少天"),
    "team_size_min": N_("团队至少多少人"),
    "leader_age_max": N_("负责人年龄上限"),
    "evidence_present": N_("有某种材料"),
    "evidence_issued_by_scenario_owner": N_("场景方出具的材料"),
    "not_on_dishonesty_list": N_("没有严重失信"),
    "filing_present": N_("有备案"),
    "spend_min_fen": N_("支出达到多少"),
    "no_stacking": N_("不重复享受"),
    "yearly_cap": N_("年度上限没有用完"),
    "window_open": N_("在受理期内"),
    "basis_in_force": N_("依据文件有效"),
    "officer_checks": N_("由主管部门认定"),
}

PROOF_KINDS = {
    "filing": N_("备案材料"),
    "test_report": N_("测试报告"),
    "open_source": N_("开源项目"),
    "competition": N_("比赛名次"),
    "licence": N_("资质证书"),
    "other": N_("其他材料"),
}

PROOF_STATUSES = {
    "declared": N_("自报，待核"),
    "checked": N_("材料已核"),
    "refused": N_("没有通过"),
    "expired": N_("已过期"),
}

PILOT_STATUSES = {
    "planned": N_("拟定"),
    "agreed": N_("已签"),
    "running": N_("进行中"),
    "in_use": N_("投入使用"),
    "accepted": N_("验收通过"),
    "stopped": N_("已终止"),
}

SCENARIO_STATUSES = {
    "draft": N_("草稿"),
    "in_review": N_("审核中"),
    "returned": N_("已退回"),
    "approved": N_("待发布"),
    "published": N_("征集中"),
    "closed": N_("已截止"),
    "withdrawn": N_("已撤回"),
}

BATCH_STATUSES = {
    "collecting": N_("征集场景中"),
    "released": N_("已发布"),
    "closed": N_("已结束"),
}

ROLES = {
    "agency": N_("需求方"),
    "startup": N_("企业"),
    "organizer": N_("活动组织方"),
    "evaluator": N_("评审专家"),
    "funding_officer": N_("资金管理"),
    "operator": N_("运营"),
    "reviewer": N_("审核"),
    "admin": N_("管理员"),
}

ORGANISATION_KINDS = {
    "agency": N_("政府部门"),
    "enterprise": N_("企事业单位（提需求）"),
    "startup": N_("企业（提供能力）"),
    "university": N_("高校院所"),
    "service_centre": N_("服务机构"),
}

ORGANISATION_STATUSES = {
    "pending": N_("待审"),
    "active": N_("有效"),
    "suspended": N_("已停用"),
    "refused": N_("已退回申请"),
}

CONTACT_WAYS = {
    "page": N_("在页面上"),
    "mail": N_("在通知邮件里"),
}

SUPPLIES = {
    "none": N_("无供给"),
    "short": N_("缺"),
    "balanced": N_("平衡"),
    "ample": N_("富余"),
}

FIRM_KINDS = {
    "one_person": N_("一人公司"),
    "larger": N_("两人及以上"),
    "unknown": N_("没写人数"),
    "new": N_("新入库"),
    "established": N_("入库已久"),
}

SIGNALS = {
    "unmet_musts": N_("未满足的必须"),
    "proven": N_("案例证实"),
    "maturity": N_("成熟度"),
    "same_district": N_("同区"),
    "coverage": N_("需求覆盖"),
}

LABEL_GRADES = {
    "fits": N_("合适"),
    "does_not_fit": N_("不合适"),
    "cannot_tell": N_("看不出"),
}

LABEL_SOURCES = {
    "page": N_("页面"),
    "file": N_("文件"),
    "demo": N_("演示"),
}

WEIGHT_STATUSES = {
    "proposed": N_("待启用"),
    "refused": N_("未通过"),
    "activated": N_("已启用"),
    "reverted": N_("已撤回权重"),
}

EVENT_KINDS = {
    "matchmaking": N_("供需对接"),
    "roadshow": N_("路演"),
    "challenge": N_("揭榜会"),
}

EVENT_STATUSES = {
    "draft": N_("草稿"),
    "open": N_("报名中"),
    "preference": N_("选意向"),
    "scheduling": N_("排期中"),
    "released": N_("排期已发"),
    "live": N_("活动进行中"),
    "closed": N_("已结束"),
    "reported": N_("已出报告"),
}

ATTENDEE_ROLES = {
    "agency": N_("需求方"),
    "startup": N_("企业"),
    "investor": N_("投资人"),
    "organizer": N_("工作人员"),
}

REGISTRATION_STATUSES = {
    "invited": N_("等答复邀请"),
    "pending": N_("等主办方确认"),
    "waitlisted": N_("候补"),
    "approved": N_("有名额"),
    "declined": N_("已谢绝"),
    "withdrawn": N_("不来"),
    "checked_in": N_("已签到"),
    "no_show": N_("没来"),
}

TABLES = {
    "domain": DOMAINS,
    "deployment": DEPLOYMENTS,
    "scenario_kind": SCENARIO_KINDS,
    "band": BANDS,
    "verdict": VERDICTS,
    "tally": TALLY,
    "evidence_source": EVIDENCE_SOURCES,
    "maturity": MATURITIES,
    "filing": FILINGS,
    "decline_reason": DECLINE_REASONS,
    "dismiss_reason": DISMISS_REASONS,
    "evidence_kind": EVIDENCE_KINDS,
    "proof_kind": PROOF_KINDS,
    "proof_status": PROOF_STATUSES,
    "pilot_status": PILOT_STATUSES,
    "scenario_status": SCENARIO_STATUSES,
    "batch_status": BATCH_STATUSES,
    "role": ROLES,
    "contact_way": CONTACT_WAYS,
    "organisation_kind": ORGANISATION_KINDS,
    "organisation_status": ORGANISATION_STATUSES,
    "supply": SUPPLIES,
    "firm_kind": FIRM_KINDS,
    "signal": SIGNALS,
    "label_grade": LABEL_GRADES,
    "label_source": LABEL_SOURCES,
    "weight_status": WEIGHT_STATUSES,
    "event_kind": EVENT_KINDS,
    "attendee_role": ATTENDEE_ROLES,
    "registration_status": REGISTRATION_STATUSES,
    "event_status": EVENT_STATUSES,
    "scope": SCOPES,
    "webhook_kind": WEBHOOK_KINDS,
    "webhook_reason": WEBHOOK_REASONS,
    "funding_kind": FUNDING_KINDS,
    "rule_status": RULE_STATUSES,
    "outcome": OUTCOMES,
    "conclusion": CONCLUSIONS,
    "item_verdict": ITEM_VERDICTS,
    "checklist": CHECKLIST,
    "funding_target": FUNDING_TARGETS,
    "spend_purpose": SPEND_PURPOSES,
    "condition_kind": CONDITION_KINDS,
    **AUDIT_TABLES,
    **DESK_TABLES,
}


def label(table: str, code: str, locale: str) -> str:
    """The word for `code` in the reader's language; the code itself where the table does not know it.

    table: a key of TABLES; KeyError for another.
    """
    words = TABLES[table]
    return gettext(locale, words[code]) if code in words else code
