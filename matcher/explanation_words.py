"""The sentences of explanation.py in both languages: data only, so that words can be changed without touching rules.

Codes are stored, hence for ever: spell them twice. Placeholders are the values stored with the code; {mark} is added
when a quote is not in the reader's language. The third person is for everybody but the firm, which is addressed as 你.
"""

from __future__ import annotations

SENTENCES: dict[str, dict[str, str]] = {
    # What speaks for a pair.
    "requirement_met": {
        "zh": "第 {position} 条有依据：“{quote}”{mark}",
        "en": "Requirement {position} is backed by: “{quote}”{mark}",
    },
    "requirement_partly": {
        "zh": "第 {position} 条有相近的依据：“{quote}”{mark}",
        "en": "Requirement {position} is partly backed by: “{quote}”{mark}",
    },
    "deployment_offered": {"zh": "可部署在{places}", "en": "Runs in: {places}"},
    "filing_present": {"zh": "已登记备案或测评：{filings}", "en": "Filings on record: {filings}"},
    "case_confirmed": {"zh": "有客户确认的案例：{customer}", "en": "A customer confirmed a case: {customer}"},
    "capacity_free": {"zh": "还能接 {n} 个试点", "en": "Pilots it can still take: {n}"},
    "same_district": {"zh": "与需求方同在{district}", "en": "In the same district: {district}"},
    # About the place in a list, not about the pair; never stored.
    "rotation_moved_up": {
        "zh": "同档内轮换：和前面的企业几乎一样强，一人公司或新入库的先列",
        "en": "Rotation within the band: nearly as strong as the firm above, and one-person or new, so listed first",
    },
    "rotation_gave_way": {
        "zh": "同档内轮换：已在许多场景排在前十，让几乎一样强的一人公司或新入库的先列",
        "en": "Rotation within the band: among the first ten of many scenarios, so it gives way in a near tie",
    },
    # What stands in the way of one requirement.
    "requirement_unmet": {
        "zh": "第 {position} 条“{need}”未满足，企业写的是：“{quote}”{mark}",
        "en": "Requirement {position}, “{need}”, is not met; the firm writes: “{quote}”{mark}",
    },
    "requirement_disputed": {
        "zh": "第 {position} 条“{need}”有两种说法，另一处写的是：“{quote}”{mark}",
        "en": "Requirement {position}, “{need}”: the firm also writes: “{quote}”{mark}",
    },
    "figure_mixed": {
        "zh": "第 {position} 条“{need}”有的数够、有的不够：“{quote}”{mark}",
        "en": "Requirement {position}, “{need}”: some figures do, some do not: “{quote}”{mark}",
    },
    "figure_missing": {
        "zh": "第 {position} 条“{need}”要看数，企业没有写对得上的数",
        "en": "Requirement {position}, “{need}”, needs a figure; the firm gives none that fits",
    },
    "requirement_unknown": {
        "zh": "第 {position} 条没有提到：“{need}”",
        "en": "Requirement {position} is not mentioned: “{need}”",
    },
    "rest_unknown": {
        "zh": "第 {position} 条“{need}”只对上一半，其余没有提到",
        "en": "Requirement {position}, “{need}”: one half fits, the rest is not mentioned",
    },
    "deployment_unmet": {
        "zh": "第 {position} 条“{need}”：企业只提供{places}",
        "en": "Requirement {position}, “{need}”: the firm offers only {places}",
    },
    "filing_missing": {
        "zh": "第 {position} 条要的备案没有登记：{filings}",
        "en": "Requirement {position} asks for what is not on record: {filings}",
    },
    "filing_unmet": {
        "zh": "第 {position} 条要的备案，企业没有",
        "en": "Requirement {position} asks for a filing the firm does not have",
    },
    # What stands in the way of the pair.
    "deployment_conflict": {
        "zh": "部署方式不合：需要{wanted}，企业提供{offered}",
        "en": "Deployment does not fit: wanted {wanted}, offered {offered}",
    },
    "scenario_closed": {"zh": "场景已结束征集", "en": "The scenario takes no more answers"},
    "capability_unlisted": {"zh": "能力已下架", "en": "The capability was taken down"},
    "firm_inactive": {"zh": "企业尚未入驻或已停用", "en": "The firm is not active"},
    "same_organisation": {"zh": "需求方与供给方是同一家", "en": "Both sides are the same organisation"},
    "copied_from_the_need": {
        "zh": "能力说明里有 {n} 处照抄了需求原文，没有算作依据：“{quote}”{mark}",
        "en": "Passages copied out of the need, not counted as evidence: {n}, such as “{quote}”{mark}",
    },
    "firm_full": {"zh": "企业暂时接不了新的试点", "en": "The firm cannot take another pilot now"},
    # What the firm did not say about itself.
    "text_too_short": {"zh": "能力说明太短，判断不了", "en": "The description is too short to judge"},
    "too_few_statements": {
        "zh": "最多只有一句话对得上要求，不足以判为“强”",
        "en": "At most one sentence answers what is asked, too little to call it strong",
    },
    "other_language": {
        "zh": "能力说明既不是中文也不是英文，判断不了",
        "en": "The description is neither in Chinese nor in English, so it is not judged",
    },
    "need_other_language": {
        "zh": "需求既不是中文也不是英文，判断不了谁做得到",
        "en": "The need is neither in Chinese nor in English, so nobody is judged by it",
    },
    "need_too_short": {
        "zh": "需求只写了几个字，判断不了谁做得到",
        "en": "The need is a few words only, too little to judge anybody by",
    },
    "deployment_unknown": {"zh": "没有写能部署在哪里", "en": "Where it can run is not stated"},
    "case_missing": {"zh": "没有写案例", "en": "No case is given"},
    "maturity_unknown": {
        "zh": "没有写做到哪一步（样机、试用、商用）",
        "en": "How far it has come is not stated",
    },
    "capacity_unknown": {"zh": "没有写还能接几个试点", "en": "How many pilots it can take is not stated"},
}

FIRM_SENTENCES: dict[str, dict[str, str]] = {
    "case_confirmed": {
        "zh": "客户确认过你的案例：{customer}",
        "en": "A customer confirmed your case: {customer}",
    },
    "capacity_free": {"zh": "你还能接 {n} 个试点", "en": "Pilots you can still take: {n}"},
    "requirement_unmet": {
        "zh": "第 {position} 条“{need}”未满足，你写的是：“{quote}”{mark}",
        "en": "Requirement {position}, “{need}”, is not met; you write: “{quote}”{mark}",
    },
    "requirement_disputed": {
        "zh": "第 {position} 条“{need}”你有两种说法，另一处写的是：“{quote}”{mark}",
        "en": "Requirement {position}, “{need}”: you also write: “{quote}”{mark}",
    },
    "figure_missing": {
        "zh": "第 {position} 条“{need}”要看数，你没有写对得上的数",
        "en": "Requirement {position}, “{need}”, needs a figure; you give none that fits",
    },
    "requirement_unknown": {
        "zh": "第 {position} 条你没有提到：“{need}”",
        "en": "You do not mention requirement {position}: “{need}”",
    },
    "deployment_unmet": {
        "zh": "第 {position} 条“{need}”：你只提供{places}",
        "en": "Requirement {position}, “{need}”: you offer only {places}",
    },
    "filing_missing": {
        "zh": "第 {position} 条要的备案你没有登记：{filings}",
        "en": "Requirement {position} asks for what you have not recorded: {filings}",
    },
    "filing_unmet": {
        "zh": "第 {position} 条要的备案，你没有",
        "en": "Requirement {position} asks for a filing you do not have",
    },
    "deployment_conflict": {
        "zh": "部署方式不合：对方需要{wanted}，你提供{offered}",
        "en": "Deployment does not fit: they want {wanted}, you offer {offered}",
    },
    "copied_from_the_need": {
        "zh": "你的能力说明里有 {n} 处照抄了需求原文，没有算作依据：“{quote}”{mark}",
        "en": "Passages you copied out of the need, not counted as evidence: {n}, such as “{quote}”{mark}",
    },
    "firm_full": {"zh": "你写了暂时接不了新的试点", "en": "You said you cannot take another pilot now"},
    "text_too_short": {"zh": "你的能力说明太短，判断不了", "en": "Your description is too short to judge"},
    "too_few_statements": {
        "zh": "你最多只有一句话对得上要求，不足以判为“强”",
        "en": "At most one of your sentences answers what is asked, too little to call it strong",
    },
    "deployment_unknown": {"zh": "你没有写能部署在哪里", "en": "You do not state where it can run"},
    "case_missing": {"zh": "你没有写案例", "en": "You give no case"},
}
"""The same facts in the firm's own ear, where they read differently."""

STEPS: dict[str, dict[str, str]] = {
    "ask_question": {
        "zh": "没写不等于做不到，邀请时问清这一条",
        "en": "Silence is no refusal: ask about it when you invite",
    },
    "add_test_report": {
        "zh": "请企业补一个测到的数，最好附测试报告",
        "en": "Ask for a measured figure, best with a test report",
    },
    "retest": {
        "zh": "给企业一段样本再测一次，够数再定",
        "en": "Hand over samples for another test, then decide",
    },
    "find_partner": {
        "zh": "问企业能不能改；不能，就找专做这一条的一起来",
        "en": "Ask whether they can change it, else bring in a firm that does this part",
    },
    "clear_up": {"zh": "请企业说明以哪一处为准", "en": "Ask the firm which of the two holds"},
    "state_deployment": {"zh": "请企业写明能部署在哪里", "en": "Ask the firm where it can run"},
    "offer_deployment": {
        "zh": "问企业能不能按要求的方式部署；不能，就找能部署的一起来",
        "en": "Ask whether they can run it where you need, else bring in a firm that can",
    },
    "file_filing": {
        "zh": "请企业去办或给出受理号：{where}",
        "en": "Ask the firm to file, or for the receipt number: {where}",
    },
    "add_case": {"zh": "问企业在哪里用过", "en": "Ask where it has been used"},
    "write_readably": {"zh": "请企业用中文或英文写", "en": "Ask the firm for Chinese or English"},
    "write_need_readably": {"zh": "用中文或英文再写一遍", "en": "Write it in Chinese or English"},
    "write_need": {
        "zh": "写清要做什么、用在哪里、做到多少，逐条列出要求",
        "en": "Write what is to be done, where, and how well, requirement by requirement",
    },
    "add_description": {
        "zh": "请企业写清做什么、用什么数据、测到多少",
        "en": "Ask what it does, on what data, with what figures",
    },
    "state_maturity": {"zh": "问企业做到哪一步", "en": "Ask how far it has come"},
    "state_capacity": {"zh": "问企业还能接几个试点", "en": "Ask how many pilots they can take"},
    "answer_in_own_words": {
        "zh": "请企业用自己的话说明怎么做、做到多少",
        "en": "Ask the firm to say in its own words how it does this, and how well",
    },
    "ask_when_free": {"zh": "问企业什么时候有空", "en": "Ask when they are free"},
    # By the day: matcher/next_steps.py.
    "join_partner": {
        "zh": "{partner}能做这一条，已在联合体建议里：可以请两家一起来",
        "en": "{partner} does this part and is in the proposed team: the two could come together",
    },
    "voucher_compute": {
        "zh": "再训练要的算力，可查{voucher}{until}；有门槛，不承诺",
        "en": "Computing for another training: see the {voucher}{until}; conditions apply, no promise",
    },
    "voucher_corpus": {
        "zh": "再训练要买的数据，可查{voucher}{until}；有门槛，不承诺",
        "en": "Data for another training: see the {voucher}{until}; conditions apply, no promise",
    },
    "voucher_model": {
        "zh": "改用已备案的模型，服务费可查{voucher}{until}；有门槛，不承诺",
        "en": "With a filed model in its place: for the fees see the {voucher}{until}; conditions apply, no promise",
    },
}
"""What would move a gap, said to the buyer."""

FIRM_STEPS: dict[str, dict[str, str]] = {
    "ask_question": {
        "zh": "做得到，就在能力说明或案例里补一句；吃不准，向需求方提问",
        "en": "If you can do it, add a sentence; if unsure, ask the buyer",
    },
    "add_test_report": {
        "zh": "补一个测到的数，最好附测试报告",
        "en": "Add a measured figure, best with a test report",
    },
    "retest": {
        "zh": "向需求方要样本再测一次，够数就更新",
        "en": "Ask the buyer for samples, test again, update the figure",
    },
    "find_partner": {
        "zh": "能改就写进能力说明；不能，找专做这一条的一起报",
        "en": "If you can change it, say so; else answer together with a firm that does this part",
    },
    "clear_up": {"zh": "改掉过时的那一处", "en": "Correct the sentence that no longer holds"},
    "state_deployment": {"zh": "在能力清单里写明能部署在哪里", "en": "State where it can run"},
    "offer_deployment": {
        "zh": "能按要求的方式部署就补上；不能，找能部署的一起报",
        "en": "If you can run it there, add it; else answer together with a firm that can",
    },
    "file_filing": {"zh": "去办或先写上受理号：{where}", "en": "File, or note the receipt number: {where}"},
    "add_case": {
        "zh": "补一个用过的地方，写上时间和结果",
        "en": "Add a place where it was used, when, and the result",
    },
    "write_readably": {"zh": "用中文或英文再写一遍", "en": "Write it in Chinese or English"},
    "write_need_readably": {"zh": "请需求方用中文或英文写", "en": "Ask the buyer for Chinese or English"},
    "write_need": {
        "zh": "向需求方提问：要做什么、用在哪里、做到多少",
        "en": "Ask the buyer what is to be done, where, and how well",
    },
    "add_description": {
        "zh": "写清做什么、用什么数据、测到多少",
        "en": "Say what it does, on what data, with what figures",
    },
    "state_maturity": {
        "zh": "选一项：想法、样机、试用、商用",
        "en": "Choose one: idea, prototype, pilot, commercial",
    },
    "state_capacity": {"zh": "写上还能接几个试点", "en": "Say how many pilots you can take"},
    "answer_in_own_words": {
        "zh": "用自己的话写你怎么做、做到多少；抄来的要求说明不了你的能力",
        "en": "Say in your own words how you do it, and how well; a copied requirement says nothing about you",
    },
    "ask_when_free": {"zh": "有空了就改回可接的数", "en": "Raise the number once you are free"},
    "join_partner": {
        "zh": "{partner}能做这一条，和你在同一份联合体建议里：可以一起报",
        "en": "{partner} does this part and is in the proposed team with you: answer together",
    },
    "voucher_compute": STEPS["voucher_compute"],
    "voucher_corpus": STEPS["voucher_corpus"],
    "voucher_model": STEPS["voucher_model"],
}
"""The same steps, said to the firm."""

CODE_WORDS: dict[str, dict[str, str]] = {
    "gov_cloud": {"zh": "政务云", "en": "government cloud"},
    "on_premise": {"zh": "本地机房", "en": "on premises"},
    "edge": {"zh": "端侧", "en": "edge device"},
    "saas": {"zh": "SaaS", "en": "SaaS"},
    "any": {"zh": "不限", "en": "any"},
    "algorithm_filing": {"zh": "算法备案", "en": "algorithm filing"},
    "model_filing": {"zh": "大模型备案", "en": "model filing"},
    "security_assessment": {"zh": "安全评估", "en": "security assessment"},
    "mlps_2": {"zh": "等保二级", "en": "MLPS level 2"},
    "mlps_3": {"zh": "等保三级", "en": "MLPS level 3"},
}

WHERE_TO_FILE: dict[str, dict[str, str]] = {
    "algorithm_filing": {
        "zh": "算法备案在网信部门的互联网信息服务算法备案系统填报",
        "en": "algorithm filing in the cyberspace administration's online system",
    },
    "model_filing": {
        "zh": "大模型备案向所在省的网信部门申请",
        "en": "model filing with the cyberspace administration of the province",
    },
    "security_assessment": {
        "zh": "安全评估在全国互联网安全管理服务平台提交",
        "en": "security assessment on the national internet security service platform",
    },
    "mlps_2": {
        "zh": "等保二级先测评，再到所在市公安机关备案",
        "en": "MLPS level 2: assessment, then the city's police",
    },
    "mlps_3": {
        "zh": "等保三级先测评，再到所在市公安机关备案",
        "en": "MLPS level 3: assessment, then the city's police",
    },
}
"""Where each filing is made, by the rule that asks for it:
互联网信息服务算法推荐管理规定 article 24; 生成式人工智能服务管理暂行办法 article 17;
具有舆论属性或社会动员能力的互联网信息服务安全评估规定; 信息安全等级保护管理办法 article 15 (levels 2 and up).
"""

UNTIL = {"zh": "，申报到{day}止", "en": ", applications until {day}"}
"""Behind the name of a voucher whose window is announced."""

CROSS_LANGUAGE = {
    "zh": {"en": "（英文原文）", "zh": ""},
    "en": {"zh": " (in Chinese)", "en": ""},
}
"""Mark behind a quote: reader's language -> the quote's language."""
