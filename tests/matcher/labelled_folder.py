"""A labelled folder small enough to know the answer."""

from __future__ import annotations

import json
from pathlib import Path

SUBJECTS = [
    "leak detection in water pipes",
    "hospital image reading",
    "crop disease photographs",
    "traffic signals",
]
SUBJECTS += [
    "elevator noise alarms",
    "contract clause review",
    "solder joint inspection",
    "harbour crane planning",
]
SUBJECTS += [
    "城市内涝监测预警",
    "医保单据自动审核",
    "电梯困人语音报警",
    "政务热线工单分派",
    "光伏板缺陷识别",
    "老人跌倒检测",
]


def make_labelled_folder(tmp_path: Path) -> Path:
    """Fourteen needs, each with the one document on its subject, and a fifteenth that belongs to none."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    needs = [{"id": f"q{n:02}", "text": f"We need {text}. 需要{text}。"} for n, text in enumerate(SUBJECTS)]
    needs.append({"id": "q99", "text": "something else"})
    offers = [{"id": f"d{n:02}", "text": f"Our product does {text}"} for n, text in enumerate(SUBJECTS)]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in needs))
    (folder / "docs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in offers))
    (folder / "qrels.tsv").write_text("".join(f"q{n:02}\td{n:02}\t1\n" for n in range(len(SUBJECTS))))
    return folder
