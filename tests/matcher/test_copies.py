"""What states nothing is found; what people honestly write is left alone."""

from __future__ import annotations

import pytest

from matcher.copies import is_bare_list, own_words, phrases_of, shares_phrases, statements_of, units_of

TITLE = "巡查车视频识别道路井盖病害并自动派单"
ASKED = [
    "辖区约三百公里市政道路，井盖破损、移位、沉降主要靠巡查员骑车目视和市民投诉发现，夜间和雨后基本看不到。",
    "希望在现有车载视频上识别井盖病害，带坐标推到区城管工单系统，由系统按权属自动派给水务、电力、通信单位。",
    "夜间和雨天的识别准确率都要写清楚，不得把视频传到政务云以外。",
    "误报率不高于百分之五，每条告警都要有截图和道路名称。",
]
NEED = "\n".join([TITLE, *ASKED])
OWN = ["我们用行车记录仪找路面坑槽，召回率九成二。", "装在环卫车上三年，服务过两个街道办。"]
AGAIN = "去年记下的道路井盖病害有一千多处，道路井盖病害平均六天才有人处理，盼能早些知道哪里又有道路井盖病害。"
ENGLISH = (
    "The operator must be warned before a pump fails. "
    "Warnings should come several days ahead and name the curve that they rest on, with few false calls per month. "
) * 5


def long_need(text: str) -> str:
    """The text and 900 more characters, of which no firm says any two."""
    return text + "".join(chr(0x4E00 + n) for n in range(900))


def test_a_unit_is_a_han_character_or_a_word_as_it_is_seen() -> None:
    assert units_of("ＡＩ识别3.5米 Рump") == ["ai", "识", "别", "3", "5", "米", "pump"]
    assert units_of("a\u200bb") == ["ab"]


def test_phrases_are_the_same_in_every_process() -> None:
    assert phrases_of("一二三四五六七").tolist()[0] == phrases_of("一二三四五六").tolist()[0]
    assert phrases_of("一二三四五").tolist() == []
    assert phrases_of("one two three four five six").tolist() == [9736720499539626691]


def test_pasted_sentences_are_copies_whatever_is_done_to_their_letters() -> None:
    hidden = ["".join(f"{mark}\u200b" for mark in sentence) for sentence in ASKED]
    spaced = [" ".join(sentence) for sentence in ASKED]

    for pasted in (ASKED, hidden, spaced):
        own = own_words(NEED, [*OWN, *pasted])

        assert own.texts == (*OWN, "", "", "", "")
        assert own.copies == (2, 3, 4, 5)


def test_look_alike_letters_hide_no_copy() -> None:
    copy = ENGLISH.translate(str.maketrans("aeopc", "аеорс"))

    assert own_words(ENGLISH, ["We repair pumps.", copy]).texts == ("We repair pumps.", "")


def test_a_claim_in_front_of_each_requirement_hides_no_copy() -> None:
    claims = ["我们满足：" + requirement for requirement in ASKED]

    assert own_words(NEED, [*OWN, *claims]).copies == (2, 3, 4, 5)


def test_a_title_in_front_of_every_sentence_is_cut_out() -> None:
    own = own_words(NEED, [f"{TITLE}：{sentence}" for sentence in OWN * 2])

    assert own.copies == () or len(own.copies) < 4
    assert all(TITLE not in text for text in own.texts)


@pytest.mark.parametrize(
    "statements",
    [
        OWN,
        [*OWN, "误报率不高于百分之五"],
        [*OWN, "贵方要求误报率不高于百分之五，我们在两个街道连续测了三个月，十二路视频，实测百分之三点一。"],
        [],
        [""],
    ],
)
def test_what_is_honestly_said_stays(statements: list[str]) -> None:
    assert own_words(NEED, statements).texts == tuple(statements)


def test_a_short_phrase_of_the_need_in_front_of_every_sentence_is_cut_out() -> None:
    own = own_words(NEED, [f"市政道路井盖破损：{sentence}" for sentence in (*OWN, "一台服务器能跑八路。")])

    assert own.copies == ()
    assert own.texts == (*OWN, "一台服务器能跑八路。")


def test_a_phrase_said_twice_is_chance() -> None:
    statements = [f"市政道路井盖破损：{sentence}" for sentence in OWN]

    assert own_words(NEED, statements).texts == tuple(statements)


def test_a_title_whose_words_the_need_says_again_is_cut_out_all_the_same() -> None:
    need = long_need(f"{NEED}\n{AGAIN}")
    said = [*OWN, "一台服务器能跑八路。", "不用另装相机。"]

    own = own_words(need, [f"{TITLE}：{sentence}" for sentence in said])

    assert TITLE not in "".join(own.texts)
    assert set(own.texts) - {""} <= set(said)


def test_a_term_that_the_need_says_again_may_be_said_often() -> None:
    need = long_need(f"{NEED}\n{AGAIN}")
    statements = [f"{sentence[:-1]}，也做道路井盖病害。" for sentence in OWN * 4]

    assert own_words(need, statements).texts == tuple(statements)


def test_one_long_run_word_for_word_is_copying_however_long_the_need_is() -> None:
    need = long_need(NEED)

    assert own_words(need, [*OWN, ASKED[1]]).copies == (2,)
    assert own_words(need, [*OWN, ASKED[1][:20]]).copies == ()


def test_who_copies_copies_the_short_pieces_too() -> None:
    short = "夜间和雨天"

    assert own_words(NEED, [*OWN, *ASKED, short]).copies == (2, 3, 4, 5, 6)
    assert own_words(NEED, [*OWN, short]).copies == ()


def test_what_is_left_of_a_sentence_keeps_its_capitals() -> None:
    topic = "The operator must be warned before a pump fails"
    need = f"{topic}. " + " ".join(f"word{n}" for n in range(150))

    said = [
        f"We read PLC data of {n} makers, log it over MQTT and keep it for years."
        for n in ("six", "ten", "two")
    ]

    assert own_words(need, [f"{topic}: {each}" for each in said]).texts == tuple(said)


def test_a_question_of_one_sentence_is_not_copied_from() -> None:
    question = ASKED[1]

    assert not shares_phrases(question, question)
    assert own_words(question, [question]).copies == ()


def test_texts_without_a_phrase_in_common_are_told_apart_at_once() -> None:
    assert shares_phrases(NEED * 2, NEED)
    assert not shares_phrases(NEED * 2, "".join(OWN))


def test_a_sentence_is_said_once() -> None:
    said = "我们用行车记录仪找路面坑槽，召回率九成二。"

    assert statements_of(said * 30) == said
    assert statements_of(said + OWN[1]) == said + OWN[1]
    assert statements_of(f"{said}\n{said[:-1]}！") == said


def test_the_same_sentence_with_another_figure_is_another_sentence() -> None:
    text = "昼间坑槽召回率达到94%，夜间坑槽召回率达到91%。昼间坑槽召回率达到94%，夜间坑槽召回率达到88%。"

    assert statements_of(text) == text


def test_words_that_go_round_in_circles_are_kept_for_one_round() -> None:
    round_ = "井盖识别系统 道路病害巡查 夜间沉降检测"

    assert len(statements_of(" ".join([round_] * 50))) < 2 * len(round_)


def test_labels_in_a_row_state_nothing() -> None:
    labels = "水务 交通 医疗 教育 养老 应急 环保 司法 能源 港口"
    english = "water, transport, health, education, elderly care, justice, energy, ports, tourism, farming"

    assert is_bare_list(labels)
    assert is_bare_list(english)
    assert is_bare_list(
        "leakage pipeline acoustic pressure sensor detection smart platform after burst flow meter zone alarm "
        "utility around network valve station monitoring"
    )
    assert statements_of(f"{OWN[0]}\n{labels}") == OWN[0]
    assert statements_of(labels) == labels


@pytest.mark.parametrize(
    "sentence",
    [
        "取件后加一个两相机四光源的检测站，看缩水、飞边、缺料、银纹、熔接线、黑点、刮伤、气泡、变形九类缺陷。",
        "We find cracks, roots, deposits, open joints, deformation, corrosion, leaks, breaks and collapsed sewers.",
        "水务 交通 医疗",
        "",
    ],
)
def test_an_enumeration_within_a_sentence_is_a_statement(sentence: str) -> None:
    assert not is_bare_list(sentence)
