"""The scoring criteria proposed to every agency, in the language of its scenario.

Data, not interface: they are stored with the scenario and hashed, so they are not in the catalogue. Weights sum to 100;
of each criterion there is one text a score, from 0 to 3.
"""

Proposed = tuple[tuple[str, int, tuple[str, ...]], ...]

DEFAULTS: dict[str, Proposed] = {
    "zh": (
        (
            "逐条满足要求",
            35,
            (
                "有一条以上必须满足的要求没有答复，或者答复说做不到。",
                "必须满足的要求都答复了，但一半以上没有依据。",
                "必须满足的要求都有依据，个别只是部分满足，并写明怎么补。",
                "必须满足的要求全部满足，每条都有可核对的依据。",
            ),
        ),
        (
            "证据和案例",
            20,
            (
                "没有案例，也没有测试结果。",
                "有案例，但场合不同，或者没有数。",
                "有相近场合的案例，指标有数，尚未由用户证实。",
                "有相近场合、在用半年以上的案例，指标有数并可向用户核实。",
            ),
        ),
        (
            "实施计划",
            20,
            (
                "没有分步，看不出什么时候交付什么。",
                "有分步，但没有时间或没有每步的成果。",
                "每一步有时间和成果，数据、接口、人员写明了大半。",
                "每一步有时间、成果和验收办法，需要对方配合的事写得清楚。",
            ),
        ),
        (
            "报价合理",
            15,
            (
                "没有报价，或者超出公布的预算。",
                "在预算之内，但没有构成，或者后续费用不明。",
                "在预算之内，构成清楚，后续费用大致写明。",
                "在预算之内，构成和后续费用都清楚，且与工作量相称。",
            ),
        ),
        (
            "团队和投入",
            10,
            (
                "没有说谁来做。",
                "说了谁来做，但看不出忙不忙得过来。",
                "写明谁做哪一块、投入多少时间。",
                "写明谁做哪一块、投入多少时间，并有人接替的安排。",
            ),
        ),
    ),
    "en": (
        (
            "Requirements met, one by one",
            35,
            (
                "At least one must is not answered, or the answer says it cannot be done.",
                "Every must is answered, but more than half without evidence.",
                "Every must has evidence; a few are met in part, with how the rest will be reached.",
                "Every must is met, each with evidence that can be checked.",
            ),
        ),
        (
            "Evidence and past work",
            20,
            (
                "No past work and no test result.",
                "Past work, but in another setting or without figures.",
                "Past work in a similar setting with figures, not yet confirmed by its user.",
                "Past work in a similar setting, in use for half a year, figures the user can confirm.",
            ),
        ),
        (
            "Plan of work",
            20,
            (
                "No steps; nobody can tell what is delivered when.",
                "Steps, but without dates or without a result for each.",
                "Each step has a date and a result; most of data, interfaces and people is named.",
                "Each step has a date, a result and a check; what the agency must provide is clear.",
            ),
        ),
        (
            "Reasonable price",
            15,
            (
                "No price, or above the published budget.",
                "Within budget, but not broken down, or later costs unknown.",
                "Within budget and broken down; later costs roughly stated.",
                "Within budget, broken down, later costs clear and in proportion to the work.",
            ),
        ),
        (
            "Team and time",
            10,
            (
                "It is not said who does the work.",
                "It is said who does it, not whether they have the time.",
                "Who does which part and how much time they spend is stated.",
                "Who does which part, how much time, and who stands in for them is stated.",
            ),
        ),
    ),
}
