"""Settings: the one reader of the environment. Everyone else takes values.

Each field is set by `DUIJIE_<NAME>` in the environment or in a `.env` file; `.env.example` lists all of them.
"""

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from models.errors import InvalidInput


class Settings(BaseSettings):
    """What this installation is. Frozen; built in the four `__main__` modules and in `web.app.create_app`."""

    # An empty value means "not set", so that a copied .env.example changes nothing.
    model_config = SettingsConfigDict(
        env_prefix="DUIJIE_", env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    data_dir: Path = Field(default=Path("var"), description="Folder for everything the product writes.")
    database_url: str = Field(default="", description="Database; empty means SQLite in the data folder.")
    cache_dir: Path | None = Field(
        default=None, description="Model and evaluation cache; empty means <data_dir>/cache."
    )
    model: str = Field(
        default="bundled:e5-small",
        description="Embedding model: bundled:e5-small, a local folder, or a hub id.",
    )
    model_dtype: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="Weights in memory; auto takes bfloat16 where the processor has it."
    )
    vector_backend: Literal["faiss"] = Field(default="faiss", description="Vector engine.")
    smtp_url: str = Field(
        default="",
        description="smtp://user:pass@host:port, smtps://..., or file:///folder; empty: <data_dir>/mail.",
    )
    mail_from: str = Field(default="对接 <noreply@duijie.example>", description="From header of every mail.")
    mail_evidence: str = Field(
        default="none", description="none, or a relay log in which Message-IDs are looked up."
    )
    base_url: str = Field(default="http://127.0.0.1:8000", description="Address of the site in mails.")
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Signs cookies and links; empty: random, kept in the data folder."
    )
    session_hours: int = Field(default=12, ge=1, le=720, description="A log-in ends after this many hours.")
    second_factor: Literal["required", "optional"] = Field(
        default="required",
        description="required: money and administration only with a second factor; optional: for who wants it.",
    )
    secure_cookies: bool = Field(
        default=False, description="Cookies over HTTPS only; set it wherever there is TLS."
    )
    trusted_hosts: list[str] = Field(
        default=[], description='Host names served, as JSON: ["a.example"]; empty: any.'
    )
    upload_max_bytes: int = Field(default=20_000_000, ge=1_000, description="Largest upload, in bytes.")
    time_zone: str = Field(
        default="Asia/Shanghai", description="Zone in which days begin and times are shown."
    )
    default_locale: Literal["zh", "en"] = Field(
        default="zh", description="Language where the reader chose none."
    )
    exposure: Literal["off", "rotate"] = Field(
        default="off",
        description="rotate: firms shown nearly everywhere give way to new and one-person ones in near ties.",
    )
    answer_working_days: int = Field(
        default=5, ge=1, le=60, description="Working days in which an agency promises to answer a question."
    )
    decision_working_days: int = Field(
        default=20,
        ge=1,
        le=120,
        description="Working days after the last day in which proposals are answered.",
    )
    holidays: list[date] = Field(
        default=[], description='Days on which offices are shut besides weekends, as JSON: ["2027-01-01"].'
    )
    api_per_minute_stranger: int = Field(
        default=60, ge=1, description="Requests a minute to the API from one address without a token."
    )
    api_per_minute_token: int = Field(default=600, ge=1, description="Requests a minute with one token.")
    webhook_private: bool = Field(
        default=False, description="Webhooks may also reach private addresses, and over plain HTTP."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="Form of the log on stderr."
    )

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as err:
            raise ValueError("no such time zone") from err
        return value

    @cached_property
    def database(self) -> str:
        """The database URL, with the default filled in."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'duijie.sqlite3').resolve()}"

    @cached_property
    def cache(self) -> Path:
        """The cache folder, with the default filled in."""
        return self.cache_dir or self.data_dir / "cache"

    @cached_property
    def index_dir(self) -> Path:
        """Where the vector index lives; a cache of the database, safe to delete."""
        return self.data_dir / "index"

    @cached_property
    def files_dir(self) -> Path:
        """Where uploaded files live, named by their hash; outside anything a web server serves."""
        return self.data_dir / "files"

    @cached_property
    def encoder_socket(self) -> Path:
        """Where the encoder's process listens; readable and writable by its own user only."""
        return self.data_dir / "encoder.sock"

    @cached_property
    def mail_url(self) -> str:
        """Where mails go, with the default (a folder of .eml files) filled in."""
        return self.smtp_url or (self.data_dir / "mail").resolve().as_uri()


def load_settings() -> Settings:
    """The settings of this process. InvalidInput, naming every one that is wrong, where there are such."""
    try:
        return Settings()
    except ValidationError as err:
        # The values are not repeated: one of them may be a password.
        names = sorted({f"DUIJIE_{str(problem['loc'][0]).upper()}" for problem in err.errors()})
        raise InvalidInput(f"这些设置写得不对：{'、'.join(names)}。可用的值见 .env.example。") from err
    except SettingsError as err:
        raise InvalidInput(f"设置读不出来，列表要写成 JSON：{err}") from err
