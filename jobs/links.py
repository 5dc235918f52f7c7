"""Absolute addresses of our pages, for mails. PATHS is checked against the routes of the site by a test."""

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from models.errors import InvalidInput
from models.secret_key import link_token

PATHS = {
    "searches": "/searches",
    "stop_search": "/searches/stop/{token}",
    "scenario": "/scenarios/{number}",
    "candidates": "/my/scenarios/{scenario_id}/candidates",
    "recommended": "/recommended",
    "match": "/matches/{match_id}",
    "pilot": "/pilots/{pilot_id}",
    "funding": "/funding/{record_id}",
    "draft": "/drafts/{draft_id}",
    "submission": "/drafts/{draft_id}/review",
    "review": "/reviews/{scenario_id}",
    "bid": "/bids/{bid_id}",
    "bids": "/my/scenarios/{scenario_id}/bids",
    "jury": "/my/scenarios/{scenario_id}/jury",
    "seat": "/juries/{jury_id}",
    "questions": "/scenarios/{number}/questions",
    "new_draft": "/drafts/new",
    "batch_list": "/lists/{number}",
    "preferences": "/account",
    "unsubscribe": "/unsubscribe/{token}",
    "welcome": "/welcome/{token}",
    "join": "/join/{token}",
    "log_in": "/login",
    "sign_up": "/sign-up",
    "proofs": "/capabilities/{capability_id}/proofs",
    "organisation": "/organisations/{organisation_id}",
}


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses below one base, e.g. https://duijie.example; InvalidInput if that is not the address of a site.

    key: the installation's; links that let somebody in are made from it.
    """

    base_url: str
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.base_url)
            is_site = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_site = False
        if not is_site or parts.query or parts.fragment or any(c.isspace() for c in self.base_url):
            raise InvalidInput("站点地址 DUIJIE_BASE_URL 要写成 https://主机 的样子。")

    def home(self) -> str:
        """The site itself."""
        return f"{self.base_url.rstrip('/')}/"

    def scenario(self, number: str) -> str:
        """A published scenario, readable without a log-in."""
        return self._absolute("scenario", number=number)

    def candidates(self, scenario_id: int) -> str:
        """The firms for one scenario, for its agency."""
        return self._absolute("candidates", scenario_id=scenario_id)

    def recommended(self) -> str:
        """The scenarios for a firm."""
        return self._absolute("recommended")

    def match(self, match_id: int) -> str:
        """One pair, for either side."""
        return self._absolute("match", match_id=match_id)

    def pilot(self, pilot_id: int) -> str:
        """One pilot, for its parties."""
        return self._absolute("pilot", pilot_id=pilot_id)

    def funding(self, record_id: int) -> str:
        """One funding record, clause by clause."""
        return self._absolute("funding", record_id=record_id)

    def draft(self, draft_id: int) -> str:
        """A draft, or a returned text, for its author."""
        return self._absolute("draft", draft_id=draft_id)

    def submission(self, draft_id: int) -> str:
        """What was handed in and what the reviewer said, for its author."""
        return self._absolute("submission", draft_id=draft_id)

    def review(self, scenario_id: int) -> str:
        """A text that waits for review, for its reviewer."""
        return self._absolute("review", scenario_id=scenario_id)

    def bid(self, bid_id: int) -> str:
        """A proposal, for its firm."""
        return self._absolute("bid", bid_id=bid_id)

    def bids(self, scenario_id: int) -> str:
        """What was handed in for a scenario, for its agency."""
        return self._absolute("bids", scenario_id=scenario_id)

    def jury(self, scenario_id: int) -> str:
        """The panel of a scenario, for its agency."""
        return self._absolute("jury", scenario_id=scenario_id)

    def seat(self, jury_id: int) -> str:
        """A panel, for one of its members."""
        return self._absolute("seat", jury_id=jury_id)

    def questions(self, number: str) -> str:
        """What was asked about a scenario, and where its agency answers."""
        return self._absolute("questions", number=number)

    def new_draft(self) -> str:
        """Where a scenario begins."""
        return self._absolute("new_draft")

    def batch_list(self, number: str) -> str:
        """The calendar and the list of a batch, readable without a log-in."""
        return self._absolute("batch_list", number=number)

    def preferences(self) -> str:
        """Where a reader says which mails to get, in which language."""
        return self._absolute("preferences")

    def unsubscribe(self, token: str) -> str:
        """Stops one subscription: GET asks, POST does it."""
        return self._absolute("unsubscribe", token=token)

    def welcome(self, nonce: str) -> str:
        """Sets a password, once; from the nonce of the link's row. ValueError without the installation's key."""
        return self._absolute("welcome", token=link_token(self.key, nonce))

    def join(self, nonce: str) -> str:
        """Lets a colleague in, once; from the nonce of the invitation. ValueError without the installation's key."""
        return self._absolute("join", token=link_token(self.key, nonce))

    def log_in(self) -> str:
        """Where one logs in, or asks for a new password."""
        return self._absolute("log_in")

    def sign_up(self) -> str:
        """Where an organisation asks to be let in."""
        return self._absolute("sign_up")

    def organisation(self, organisation_id: int) -> str:
        """One organisation, for those who let it in."""
        return self._absolute("organisation", organisation_id=organisation_id)

    def proofs(self, capability_id: int) -> str:
        """The proofs of one capability, for its firm."""
        return self._absolute("proofs", capability_id=capability_id)

    def stop_search(self, token: str) -> str:
        """Stops the news of one saved search: GET asks, POST does it."""
        return self._absolute("stop_search", token=token)

    def searches(self) -> str:
        """The searches a reader keeps."""
        return self._absolute("searches")

    def _absolute(self, page: str, **values: str | int) -> str:
        quoted = {name: quote(str(value), safe="") for name, value in values.items()}
        return self.base_url.rstrip("/") + PATHS[page].format(**quoted)
