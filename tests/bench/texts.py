"""Synthetic needs and offers, put together from short lists: real in length and form, without any real text.

The same number always gives the same text. A third of both sides is English, as is usual in mixed installations.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

PLACES_ZH = [
    "政务大厅",
    "街道办",
    "区医院",
    "中学",
    "水务站",
    "公交场站",
    "建筑工地",
    "社区服务中心",
    "仓库",
    "注塑车间",
    "检测实验室",
    "养老院",
]
THINGS_ZH = [
    "来电录音",
    "工单文本",
    "巡查视频",
    "病历摘要",
    "设备日志",
    "合同扫描件",
    "库存清单",
    "能耗读数",
    "投诉信件",
    "培训教材",
    "票据图片",
    "井盖照片",
]
ACTS_ZH = [
    "自动分类",
    "提取关键字段",
    "发现异常并告警",
    "生成答复草稿",
    "按规则核对",
    "预测下一周的量",
    "去重合并",
    "逐条标注",
]
MEASURES_ZH = ["召回率", "准确率", "平均处理时间", "一次通过率", "误报率", "人工复核比例"]
PLACES_EN = [
    "a permit office",
    "a hospital ward",
    "a bus depot",
    "a water plant",
    "a warehouse",
    "a test lab",
    "a school",
    "a building site",
]
THINGS_EN = [
    "call recordings",
    "work orders",
    "inspection video",
    "clinical notes",
    "machine logs",
    "scanned contracts",
    "energy readings",
]
ACTS_EN = [
    "classify",
    "extract key fields from",
    "find anomalies in",
    "draft replies to",
    "check against the rules",
    "merge duplicates of",
]
MEASURES_EN = ["recall", "accuracy", "mean handling time", "first-pass yield", "false alarm rate"]


@dataclass(frozen=True, slots=True)
class SyntheticText:
    """One need or offer. requirements: of a need."""

    title: str
    text: str
    lang: str
    requirements: tuple[str, ...] = ()


def need(number: int) -> SyntheticText:
    """What an agency asks for: a paragraph and three to eight requirements."""
    chance = random.Random(f"need {number}")
    zh = number % 3 != 0
    sentence = _sentence_zh if zh else _sentence_en
    wanted = tuple(_requirement(chance, zh=zh) for _ in range(chance.randint(3, 8)))
    return SyntheticText(
        title=_title(chance, number, zh=zh),
        text="".join(sentence(chance) for _ in range(chance.randint(2, 4))),
        lang="zh" if zh else "en",
        requirements=wanted,
    )


def offer(number: int) -> SyntheticText:
    """What a firm can do: one to five sentences, one of them with a figure."""
    chance = random.Random(f"offer {number}")
    zh = number % 3 != 0
    sentence = _sentence_zh if zh else _sentence_en
    parts = [sentence(chance) for _ in range(chance.randint(1, 4))]
    parts.append(_figure_zh(chance) if zh else _figure_en(chance))
    return SyntheticText(_title(chance, number, zh=zh), "".join(parts), "zh" if zh else "en")


def _title(chance: random.Random, number: int, *, zh: bool) -> str:
    if zh:
        return f"{chance.choice(PLACES_ZH)}{chance.choice(THINGS_ZH)}{chance.choice(ACTS_ZH)}（{number}）"
    return f"{chance.choice(ACTS_EN).capitalize()} {chance.choice(THINGS_EN)} ({number})"


def _sentence_zh(chance: random.Random) -> str:
    place, thing, act = chance.choice(PLACES_ZH), chance.choice(THINGS_ZH), chance.choice(ACTS_ZH)
    return f"面向{place}每天产生的{chance.randint(20, 9000)}份{thing}，能够{act}，结果回写原有系统。"


def _sentence_en(chance: random.Random) -> str:
    place, thing, act = chance.choice(PLACES_EN), chance.choice(THINGS_EN), chance.choice(ACTS_EN)
    n = chance.randint(20, 9000)
    return f"In {place} it can {act} {n} {thing} a day and writes results back to the old system. "


def _figure_zh(chance: random.Random) -> str:
    place, measure = chance.choice(PLACES_ZH), chance.choice(MEASURES_ZH)
    return f"在{place}试用时{measure}达到{chance.randint(60, 99)}%，可部署在政务云。"


def _figure_en(chance: random.Random) -> str:
    return f"In a trial in {chance.choice(PLACES_EN)} {chance.choice(MEASURES_EN)} was {chance.randint(60, 99)}%. "


def _requirement(chance: random.Random, *, zh: bool) -> str:
    share = chance.randint(60, 99)
    things, acts, measures = (THINGS_ZH, ACTS_ZH, MEASURES_ZH) if zh else (THINGS_EN, ACTS_EN, MEASURES_EN)
    thing, act, measure = chance.choice(things), chance.choice(acts), chance.choice(measures)
    if zh:
        return f"{thing}须{act}，{measure}不低于{share}%"
    return f"Must {act} {thing} with {measure} of at least {share}%"
