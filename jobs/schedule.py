"""What runs when, and why: the table of jobs. Times of day are in the zone of the installation.

A job is a plain function in the module of its name; here it is given what it needs. Adding one is a module, a line
in this table, and its test. When a job is due, and what happens to a slot that was missed, is told in models/when.py.
"""

from datetime import time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from jobs.announce import announce, line_of
from jobs.deliver_webhooks import Courier, deliver_webhooks
from jobs.expire_proofs import expire_proofs
from jobs.learn_weights import learn_weights
from jobs.links import Links
from jobs.mail_evidence import make_evidence
from jobs.mailer import make_mailer
from jobs.measure_quality import measure_quality
from jobs.queue_digests import queue_digests
from jobs.queue_webhooks import queue_webhooks
from jobs.record_funding import record_funding
from jobs.reindex import reindex
from jobs.release_batches import release_batches
from jobs.remind_decisions import remind_decisions
from jobs.remind_questions import remind_questions
from jobs.remind_units import remind_units
from jobs.render import Renderer
from jobs.runner import Job
from jobs.send_outbox import Post, send_outbox
from jobs.set_records import set_records
from jobs.survey_market import survey_market
from jobs.verify_index import verify_index
from matcher.workshop import Workshop, make_workshop
from models.config import Settings
from models.errors import NotFound
from models.rotation import ExposurePolicy
from models.secret_key import get_secret_key
from models.when import Daily, Every


def build(settings: Settings, engine: Engine) -> list[Job]:
    """The table, bound to this installation. InvalidInput if an address in the settings makes no sense."""
    zone = ZoneInfo(settings.time_zone)
    workshop = make_workshop(settings, engine)
    policy = ExposurePolicy(settings.exposure)
    post = make_post(settings)
    jobs = [
        Job(
            name="reindex",
            function=partial(reindex, workshop=workshop),
            when=Every(60),
            why="What is published, changed or closed is matched anew within a minute or two.",
            lease=timedelta(minutes=30),  # encoding a large import
        ),
        Job(
            name="survey_market",
            function=partial(survey_market, workshop=workshop, policy=policy),
            when=Every(60),
            why="The gap map and the exposure of firms follow the matches; without news it writes nothing.",
            lease=timedelta(minutes=30),  # a large market is compared with itself
        ),
        *_upkeep(workshop, zone),
        *_learning(workshop, zone),
        Job(
            name="send_outbox",
            function=partial(send_outbox, post=post),
            when=Every(15),
            why="Mails leave within seconds of the decision they tell about; a relay's outage is bridged.",
            is_exclusive=False,  # each mail is claimed; several senders share the work
        ),
        Job(
            name="queue_digests",
            function=partial(queue_digests, zone=zone),
            when=Daily(time(8, 0)),
            why="News at the start of the working day; one mail a subscriber and period, if there is news.",
            may_be_asked=False,  # mails people, at the hour they expect
        ),
        *_batches(zone),
        *_webhooks(settings, zone),
        *_pilots(zone),
    ]
    return [*jobs, _announcement(jobs, post)]


def _pilots(zone: ZoneInfo) -> list[Job]:
    """What looks after pilots and the money for them."""
    return [
        Job(
            name="remind_decisions",
            function=partial(remind_decisions, zone=zone),
            when=Daily(time(9, 20)),
            why="A pilot that nobody decides costs both sides; its agency hears of each date that passed, once.",
            may_be_asked=False,  # mails people, at the hour they expect
        ),
        Job(
            name="record_funding",
            function=partial(record_funding, zone=zone),
            when=Daily(time(6, 30)),
            why="Rules begin and lapse at midnight: pilots in use are judged before offices open.",
        ),
    ]


def _announcement(jobs: list[Job], post: Post) -> Job:
    """The job that tells the pages of all jobs, itself among them."""
    name, when = "announce", Every(300)
    lines = [line_of(job.name, job.when, may_be_asked=job.may_be_asked) for job in jobs]
    lines.append(line_of(name, when, may_be_asked=True))
    return Job(
        name=name,
        function=partial(announce, lines=lines, renderer=post.renderer),
        when=when,
        why="Operators see the job schedule and the mails of the program that runs; without news it writes nothing.",
    )


def _upkeep(workshop: Workshop, zone: ZoneInfo) -> list[Job]:
    """What notices that something has gone bad or run out."""
    return [
        Job(
            name="verify_index",
            function=partial(verify_index, workshop=workshop),
            when=Daily(time(3, 30)),
            why="A damaged file of the index is found at night, and not by whoever searches.",
            lease=timedelta(minutes=30),  # every byte is read
        ),
        Job(
            name="expire_proofs",
            function=partial(expire_proofs, zone=zone),
            when=Daily(time(0, 10)),
            why="A filing counts to the end of its last day, and its firm hears a month before.",
        ),
    ]


def _batches(zone: ZoneInfo) -> list[Job]:
    """What keeps the calendar of batches and the terms of answers."""
    return [
        Job(
            name="release_batches",
            function=partial(release_batches, zone=zone),
            when=Every(60),
            why="A batch is out within a minute of its moment, and its list is frozen then.",
        ),
        Job(
            name="set_records",
            function=partial(set_records, zone=zone),
            when=Every(60),
            why="A decision is printed as it was signed, within a minute or two.",
        ),
        Job(
            name="remind_units",
            function=partial(remind_units, zone=zone),
            when=Daily(time(9, 0)),
            why="Who posted nothing hears of it while there is a week left to write.",
            may_be_asked=False,  # mails people, at the hour they expect
        ),
        Job(
            name="remind_questions",
            function=partial(remind_questions, zone=zone),
            when=Daily(time(9, 10)),
            why="A question whose term ends is answered by somebody who is told so, once.",
            may_be_asked=False,  # mails people, at the hour they expect
        ),
    ]


def _webhooks(settings: Settings, zone: ZoneInfo) -> list[Job]:
    """What tells other systems."""
    courier = Courier(key=get_secret_key(settings), allows_private=settings.webhook_private)
    return [
        Job(
            name="queue_webhooks",
            function=partial(queue_webhooks, zone=zone),
            when=Every(60),
            why="Other systems hear within a minute or two what happened; each event is owed once.",
        ),
        Job(
            name="deliver_webhooks",
            function=partial(deliver_webhooks, courier=courier),
            when=Every(15),
            why="What is owed is sent, and tried again while a receiver does not answer.",
        ),
    ]


def _learning(workshop: Workshop, zone: ZoneInfo) -> list[Job]:
    """What looks back at how matching did."""
    return [
        Job(
            name="measure_quality",
            function=partial(measure_quality, today=workshop.today, zone=zone),
            when=Every(300),
            why="The page of figures follows labels and decisions; without news it writes nothing.",
        ),
        Job(
            name="learn_weights",
            function=partial(learn_weights),
            when=Daily(time(5, 30)),
            why="What was decided yesterday may speak for other weights; a person puts them in force.",
        ),
    ]


def make_post(settings: Settings) -> Post:
    """What sending needs, from the settings."""
    renderer = Renderer(Links(settings.base_url, get_secret_key(settings)), settings.mail_from)
    mailer = make_mailer(settings.mail_url, hostname=renderer.domain)
    return Post(
        renderer=renderer,
        mailer=mailer,
        evidence=make_evidence(settings.mail_evidence, mailer=mailer),
        zone=ZoneInfo(settings.time_zone),
    )


def get_job(jobs: list[Job], name: str) -> Job:
    """The job of this name; NotFound names those there are."""
    for job in jobs:
        if job.name == name:
            return job
    raise NotFound(f"没有 {name} 这个任务，可选：{'、'.join(job.name for job in jobs)}。")
