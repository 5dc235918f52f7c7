"""Words of the operator's desk: recognition of communities, figures of the plan, jobs. web/labels.py looks them up."""

from __future__ import annotations

from models.i18n import N_

RECOGNITION_STATES = {
    "planned": N_("筹建中"),
    "applied": N_("申报认定"),
    "recognised": N_("已认定"),
    "revoked": N_("认定已取消"),
}

PLAN_MEASURES = {
    "communities": N_("已认定、面积达标的社区"),
    "least_area": N_("一个社区至少的面积"),
    "area": N_("已认定社区的总面积"),
    "firms": N_("入驻平台的创业企业"),
    "people": N_("这些企业的人数"),
}

JOBS = {
    "reindex": N_("更新匹配"),
    "survey_market": N_("盘点供需"),
    "send_outbox": N_("寄邮件"),
    "queue_digests": N_("排匹配摘要"),
    "expire_proofs": N_("证明到期"),
    "verify_index": N_("校验检索索引"),
    "measure_quality": N_("衡量排序"),
    "learn_weights": N_("学习权重"),
    "release_batches": N_("发布批次"),
    "set_records": N_("排印评审记录"),
    "remind_units": N_("提醒还没报场景的单位"),
    "remind_questions": N_("提醒答复提问"),
    "remind_decisions": N_("提醒决定试点"),
    "queue_webhooks": N_("登记要推送的事件"),
    "deliver_webhooks": N_("推送事件"),
    "record_funding": N_("判断资助"),
    "announce": N_("登记时间表和邮件样例"),
}

JOB_DUTIES = {
    "reindex": N_("发布、改动、关闭的场景和能力，一两分钟内重新匹配。"),
    "survey_market": N_("供需图和公平监测跟着匹配更新。"),
    "send_outbox": N_("决定作出后几秒内寄出；邮件服务器断了，恢复后补寄。"),
    "queue_digests": N_("上班时有新匹配、新搜索结果的人，每期一封。"),
    "expire_proofs": N_("证明算到最后一天；到期前一个月通知企业。"),
    "verify_index": N_("逐个文件核对，坏了先于使用者发现。"),
    "measure_quality": N_("标注和决定有变化，评估页跟着更新。"),
    "learn_weights": N_("按昨天的决定试算权重，启用由人决定。"),
    "release_batches": N_("到点一分钟内发布，清单就此固定。"),
    "set_records": N_("评审决定签下后，照原样排成 PDF。"),
    "remind_units": N_("征集截止前一周，提醒还没报场景的单位。"),
    "remind_questions": N_("答复期限将到，提醒该答复的人一次。"),
    "remind_decisions": N_("试点过了决定日期还没有决定，提醒需求方一次。"),
    "queue_webhooks": N_("发生的事，一两分钟内登记给订阅的程序。"),
    "deliver_webhooks": N_("登记的事件发出去，对方没应答就再试。"),
    "record_funding": N_("规则在零点生效或失效，上班前重新判断在用的试点。"),
    "announce": N_("本页和邮件样例跟着正在运行的程序更新。"),
}

RUN_STATUSES = {
    "running": N_("正在运行"),
    "ok": N_("正常"),
    "partial": N_("部分失败"),
    "failed": N_("失败"),
}

MAIL_KINDS = {
    "digest_startup": N_("企业的匹配摘要"),
    "digest_agency": N_("需求方的匹配摘要"),
    "invitation": N_("邀请企业"),
    "interest": N_("企业有意向"),
    "introduction": N_("双方对接"),
    "pilot_in_use": N_("试点投入使用"),
    "funding_recorded": N_("资助判断"),
    "scenario_submitted": N_("场景等待审核"),
    "scenario_returned": N_("场景退回修改"),
    "scenario_approved": N_("场景审核通过"),
    "scenario_published": N_("场景已发布"),
    "batch_reminder": N_("提醒报场景"),
    "question_asked": N_("有人提问"),
    "question_answered": N_("提问有了答复"),
    "question_reminder": N_("提醒答复提问"),
    "addendum": N_("场景有变更"),
    "sign_up_waiting": N_("机构等待审核"),
    "sign_up_approved": N_("机构已批准"),
    "sign_up_refused": N_("机构申请退回"),
    "sign_up_known": N_("邮箱已有账号"),
    "colleague_invited": N_("邀请成员"),
    "account_changed": N_("账号有变动"),
    "password_reset": N_("重设密码"),
    "bid_submitted": N_("收到方案"),
    "bid_decided": N_("方案的决定"),
    "juror_appointed": N_("请你做评委"),
    "marks_complete": N_("评委都交了分"),
    "proof_expiring": N_("证明快到期"),
    "proof_refused": N_("证明没有核过"),
    "pilot_undecided": N_("试点等决定"),
}

DESK_TABLES = {
    "job": JOBS,
    "job_duty": JOB_DUTIES,
    "run_status": RUN_STATUSES,
    "mail_kind": MAIL_KINDS,
    "recognition_state": RECOGNITION_STATES,
    "plan_measure": PLAN_MEASURES,
}
