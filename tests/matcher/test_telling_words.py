from __future__ import annotations

import random

import pytest

from matcher.telling_words import WordLore

CORPUS = [
    "夜间排口有无出水要能判断，排口视频接入平台。",
    "识别排口污水颜色，排口旁边装摄像头。",
    "巡查排口的人手不够，希望排口自动告警。",
    "热线工单分派不准，重复工单要合并。",
    "工单派给承办部门，工单退回率高。",
    "读懂市民来电，生成工单摘要。",
    "老人跌倒后及时通知家属，雷达不拍图像。",
    "毫米波雷达判断跌倒，雷达装在卧室。",
    "跌倒告警推给护工，误报要少。",
    "会议纪要自动整理，纪要按议题分段。",
    "把录音变成纪要，纪要可以修改。",
    "Drone images of trees, drone flights at night.",
    "A drone counts trees and marks the fallen ones.",
    "The drone lands by itself after each flight.",
    "Contracts are read clause by clause.",
    "Each clause of the contract is compared.",
]


@pytest.fixture(scope="module")
def lore() -> WordLore:
    return WordLore(CORPUS)


def test_a_group_is_told_by_the_words_its_texts_share(lore):
    assert lore.telling(CORPUS[:3], n=3)[0] == "排口"
    assert lore.telling(CORPUS[3:6], n=1) == ["工单"]
    assert lore.telling(CORPUS[11:14], n=1) == ["drone"]


def test_pairs_of_characters_across_two_words_are_no_words(lore):
    assert lore.is_word("排口")
    assert not lore.is_word("口有")
    assert not lore.is_word("间排")
    words = lore.telling(CORPUS[:3], n=9)
    assert all(lore.is_word(word) for word in words)


def test_no_word_is_a_part_of_another(lore):
    words = lore.telling(CORPUS[6:9], n=9)

    assert not [(a, b) for a in words for b in words if a != b and a in b]


def test_one_text_alone_shares_nothing(lore):
    assert lore.telling(CORPUS[:1], n=3) == []


def test_what_the_corpus_never_says_or_says_everywhere_tells_nothing():
    everywhere = WordLore([f"系统接入数据，系统{n}号；数据{n}条" for n in range(30)])

    assert everywhere.telling(["系统接入数据", "数据进系统"], n=3) == []
    assert WordLore([]).telling(["排口", "排口"], n=3) == []


def test_the_order_of_texts_changes_nothing(lore):
    shuffled = random.Random(4).sample(CORPUS, len(CORPUS))

    assert WordLore(shuffled).telling(CORPUS[2::-1], n=3) == lore.telling(CORPUS[:3], n=3)
