"""The panel beside a draft, keystroke by keystroke, with the encoder in its own process and everything warm.

The demo is indexed with the real model. For 2,000 synthetic capabilities the index holds vectors drawn from hashed
words (encoding all of them is bench_model's affair); what is typed is encoded by the real model in both. A request is
measured whole: form, rules, encoding over the socket, sixty pairs judged, page.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from flask.testing import FlaskClient
from sqlmodel import select

from matcher.encoder_client import ask_encoder
from matcher.workshop import Workshop, make_workshop
from models.config import Settings
from models.db import make_engine, make_session, transaction
from models.demo import seed_demo
from models.draft import make_draft
from models.errors import ModelUnavailable
from models.login import start_session
from models.organisation import Organisation
from models.schema import upgrade
from models.user import Role, User, UserRole
from tests.bench.bench_matching import tokenizer
from tests.bench.figures import Figure, in_own_process, p95
from tests.bench.installation import NOW, TODAY, HashedVectors, add_capabilities, add_scenarios
from web.app import create_app
from web.auth import cookie_name

N_SYNTHETIC = 2_000
N_SCENARIOS = 200
GOAL_MS = 300
TITLE = "用巡查车视频发现道路井盖破损并自动派单"
TEXT = (
    "城管巡查车每天拍摄 300 段道路视频，四名值班员人工回看，从发现到派单平均要 26 小时。夜间和雨天漏看最多。"
    "希望自动发现井盖缺失、破损和沉降，截图并给出位置，推送到养护班组的工单系统。"
)
REQUIREMENTS = (
    "井盖缺失、破损和沉降的召回率不低于90%",
    "夜间召回率不低于80%，误报率不高于10%",
    "整套部署在政务云，视频不出本区",
    "给出截图、时间和经纬度，定位误差不大于5米",
    "与现有工单系统对接，10分钟内派单",
)
TYPED = "同一处病害七天内只派一次单，养护完成后自动复核，复核不通过的退回原班组并提醒街道负责人"


def measure(folder: Path) -> Iterator[Figure]:
    """The demo, then the larger installation, each in a process of its own."""
    # As README.md says to start the site; the processes started below inherit it.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for name, prepare in (("demo", prepare_demo), (f"{N_SYNTHETIC:,} capabilities", prepare_synthetic)):
        own = folder / name.split()[0].replace(",", "")
        own.mkdir()
        in_own_process(prepare, own)
        with encoder(own) as pid:
            yield from in_own_process(type_a_requirement, own, name, pid)


def settings_of(folder: Path) -> Settings:
    """An installation in this folder, with the checkout's own model."""
    return Settings(data_dir=folder, cache_dir=Settings().cache.resolve(), _env_file=None)


def prepare_demo(folder: Path) -> None:
    """Demo rows and their index, by the real model."""
    settings = settings_of(folder)
    engine = make_engine(settings.database)
    upgrade(engine)
    with transaction(engine) as session:
        seed_demo(session, now=NOW, settings=settings)
    workshop = make_workshop(settings, engine)
    workshop.today = lambda: TODAY
    workshop.update_index(now=NOW)


def prepare_synthetic(folder: Path) -> None:
    """Synthetic rows, and an index of hashed vectors under the name of the real model."""
    settings = settings_of(folder)
    engine = make_engine(settings.database)
    upgrade(engine)
    add_scenarios(engine, N_SCENARIOS)
    add_capabilities(engine, N_SYNTHETIC)
    vectors = HashedVectors(tokenizer(settings.cache))
    model = f"{settings.model}:{settings.model_dtype}"
    Workshop(engine, settings.index_dir, model, lambda: vectors, lambda: TODAY).update_index(now=NOW)


@contextmanager
def encoder(folder: Path) -> Iterator[int]:
    """The encoder's process, warm; its id."""
    settings = settings_of(folder)
    environment = {**os.environ, "DUIJIE_DATA_DIR": str(folder), "DUIJIE_CACHE_DIR": str(settings.cache)}
    process = subprocess.Popen([sys.executable, "-m", "matcher", "serve-encoder"], env=environment)
    try:
        while not answers(settings.encoder_socket):
            assert process.poll() is None, "the encoder ended"
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def answers(path: Path) -> bool:
    """Whether an encoder answers there."""
    try:
        return bool(ask_encoder(path, {"op": "info"}))
    except ModelUnavailable:
        return False


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of one request: by the clock, and of processor in the site and the encoder together."""

    wall: float
    processor: float


def type_a_requirement(folder: Path, name: str, encoder_pid: int) -> list[Figure]:
    """One more requirement typed character by character: the first request makes everything warm."""
    client, draft_id = agency(settings_of(folder))
    fields = {"title": TITLE, "text": TEXT, "metric": "派单时间", "baseline": "26 小时", "target": "4 小时"}
    fields |= {f"req_{n}": text for n, text in enumerate(REQUIREMENTS, 1)}

    def ask(typed: str) -> Taken:
        own, its = time.process_time(), _processor_seconds(encoder_pid)
        started = time.perf_counter()
        answer = client.post(f"/drafts/{draft_id}/panel", data={**fields, "req_6": typed})
        wall = time.perf_counter() - started
        processor = time.process_time() - own + _processor_seconds(encoder_pid) - its
        assert 'data-mode="full"' in answer.text, answer.text[:300]
        return Taken(wall * 1000, processor * 1000)

    first = ask("")
    taken = [ask(TYPED[:n]) for n in range(2, len(TYPED) + 1)]
    wall, processor = [one.wall for one in taken], [one.processor for one in taken]
    load = f"load {os.getloadavg()[0]:.1f}"
    note = f"{len(taken)} keystrokes, each a new sentence for the model"
    return [
        Figure(f"{name}: panel, median", statistics.median(wall), "ms", note=f"wall, {note}; {load}"),
        Figure(f"{name}: panel, p95", p95(wall), "ms", at_most=GOAL_MS, note=f"wall; {load}"),
        Figure(
            f"{name}: panel, median of processor", statistics.median(processor), "ms", note="both processes"
        ),
        Figure(
            f"{name}: panel, p95 of processor", p95(processor), "ms", at_most=GOAL_MS, note="both processes"
        ),
        Figure(
            f"{name}: panel, the first of a process", first.wall, "ms", note="wall; rows read, offers cut"
        ),
    ]


def _processor_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def agency(settings: Settings) -> tuple[FlaskClient, int]:
    """Somebody of an agency, logged in, with a draft."""
    engine = make_engine(settings.database)
    with make_session(engine) as session:
        owner = session.exec(select(Organisation)).first()
        assert owner is not None
        user = User(email="bench@agency.example", name="测", organisation_id=owner.key)
        session.add(user)
        session.flush()
        session.add(UserRole(user_id=user.key, role=Role.AGENCY))
        draft = make_draft(owner, title=TITLE, now=NOW)
        session.add(draft)
        token = start_session(session, user, now=NOW, hours=12, second_factor_at=NOW)
        session.commit()
        draft_id = draft.key
    app = create_app(settings, clock=lambda: NOW)
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    client.set_cookie(cookie_name(app), token)
    return client, draft_id
