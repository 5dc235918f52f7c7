import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.chunks import split_sentences
from matcher.need_sentences import MAX_SENTENCES, MIN_SENTENCES, need_sentences

BACKGROUND = "辖区约312公里道路，主要靠巡查员目视。去年受理投诉1,140宗。"
NEED = "希望在现有车载视频上识别井盖病害，带坐标推到工单系统。"


def test_the_sentence_that_wants_something_is_chosen_and_the_background_left_out():
    assert need_sentences(BACKGROUND + NEED) == [NEED]


def test_a_need_goes_on_in_the_sentences_after_it():
    assert need_sentences(f"{BACKGROUND}{NEED}派单员一键确认或改派给别的单位。") == [
        NEED,
        "派单员一键确认或改派给别的单位。",
    ]


def test_rules_of_a_contest_are_left_out():
    text = (
        "The system must detect cracks in tunnel walls. Register before the deadline to download the rules. "
        "Winners share a prize of $50,000."
    )

    assert need_sentences(text) == ["The system must detect cracks in tunnel walls."]


def test_plain_descriptions_keep_their_first_sentences():
    text = "Sorts incoming letters by topic. Shows the clerk a short summary. Runs each night on our servers."

    assert need_sentences(text) == split_sentences(text)


def test_nothing_but_background_is_still_something_to_answer():
    assert need_sentences("目前主要靠人工巡查，长期以来效率不高。") == [
        "目前主要靠人工巡查，长期以来效率不高。"
    ]


@pytest.mark.parametrize("text", ["", "背景", "Overview:", "\n\n"])
def test_a_text_without_a_sentence_has_no_need(text):
    assert need_sentences(text) == []


def test_headings_are_not_needs():
    assert need_sentences("The objectives of this call are:\nThe system must read faded stamps.") == [
        "The system must read faded stamps."
    ]


def test_at_most_so_many_are_chosen_and_the_order_is_the_authors():
    text = "".join(f"系统须支持第{n}类业务的自动办理。" for n in "甲乙丙丁戊己庚辛壬癸")

    assert need_sentences(text) == split_sentences(text)[:MAX_SENTENCES]


WANTED = {"en": "The system must read faded stamps on paper forms.", "zh": "系统须识别纸质表单上褪色的印章。"}


@pytest.mark.parametrize(
    "filler",
    [
        "Outputs were not documented and will be updated once data has come in.",
        'Please see the "purpose and benefits" for a full description of this entry.',
        "Purpose: this capability is not provided or managed by our bureau.",
        "This use case has been retired.",
        "Outputs: to be determined.",
        "Expected output: same as above.",
    ],
)
def test_what_only_fills_a_form_is_not_a_need(filler):
    assert need_sentences(f"{WANTED['en']} {filler}") == [WANTED["en"]]


@pytest.mark.parametrize(
    "filler",
    [
        "具体技术参数详见附件。",
        "其他说明事项：暂无。",
        "本栏目内容由申报单位填写。",
        "数量和规格以招标文件要求为准。",
        "这一部分尚未填写内容。",
    ],
)
def test_what_only_fills_a_chinese_form_is_not_a_need(filler):
    assert need_sentences(f"{WANTED['zh']}{filler}") == [WANTED["zh"]]


def test_a_form_that_says_nothing_else_is_still_quoted():
    text = "Outputs were not documented by the submitting office."

    assert need_sentences(text) == [text]


@pytest.mark.parametrize(
    "kept",
    [
        "The system must work where network access is not available.",
        "Results must not be used for identification of persons.",
        "系统须支持由窗口人员勾选材料并自动核对。",
    ],
)
def test_a_requirement_that_says_not_is_kept(kept):
    assert need_sentences(kept + WANTED["zh"]) == [kept, WANTED["zh"]]


@pytest.mark.parametrize(
    ("asked", "is_need"),
    [
        ("Love designing buildings that perform well?", False),
        ("Want to learn about the rules of the game?", False),
        ("How can we count passengers without new cameras?", True),
        ("Can you build a tool that shows injuries by county?", True),
        ("你想知道更多关于本次大赛的消息吗？", False),
        ("如何在不增加摄像头的情况下统计客流？", True),
    ],
)
def test_a_question_is_a_need_where_it_asks_for_a_means(asked, is_need):
    wanted = WANTED["zh"] if "？" in asked else WANTED["en"]
    text = f"{asked} {wanted}" if wanted.isascii() else asked + wanted

    assert (asked in need_sentences(text)) is is_need


@pytest.mark.parametrize(
    "boilerplate",
    [
        "Participants must submit a white paper of ten pages.",
        "Bidders shall enclose a certificate of registration.",
        "供应商须提供有效的营业执照复印件并加盖公章。",
        "投标保证金须在开标前到账。",
        "That is why we need your help with this challenge.",
        "The bureau has a mission to protect communities.",
        "我局承担全区市政设施的管养监管职责。",
    ],
)
def test_boilerplate_of_tenders_and_missions_is_not_a_need(boilerplate):
    wanted = WANTED["en"] if boilerplate.isascii() else WANTED["zh"]
    text = f"{boilerplate} {wanted}" if boilerplate.isascii() else boilerplate + wanted

    assert need_sentences(text) == [wanted]


@given(st.text(max_size=300))
def test_what_is_chosen_are_sentences_of_the_text_in_order(text):
    chosen = need_sentences(text)
    rest = iter(split_sentences(text))

    assert all(sentence in rest for sentence in chosen)
    assert len(chosen) <= max(MAX_SENTENCES, MIN_SENTENCES)
