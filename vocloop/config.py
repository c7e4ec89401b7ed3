"""Settings, read from the environment (prefix ``VOCLOOP_``). docs/settings.md documents each."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from vocloop.errors import InvalidInputError
from vocloop_models import Role

PREFIX = "VOCLOOP_"


def _default_database() -> str:
    folder = platformdirs.user_data_path("vocloop")
    return f"sqlite:///{folder / 'vocloop.db'}"


def _default_cache() -> Path:
    return platformdirs.user_cache_path("vocloop")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a known time zone; use one such as Asia/Tokyo or UTC") from error
    return name


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("not a web address; use one such as http://localhost:11434/v1")
    if parts.username or parts.query or parts.fragment:
        raise ValueError(
            "an address only, without user, query or fragment; keys have variables of their own"
        )
    return url.rstrip("/")


def _issuer(url: str) -> str:
    """As the provider writes it: a slash at its end is part of its name."""
    _web_address(url)
    return url


_Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: str = Field(default_factory=_default_database)
    database_pool: int = Field(default=5, ge=1)
    database_overflow: int = Field(default=10, ge=0)
    database_wait_seconds: float = Field(default=30, gt=0)
    cache_dir: Path = Field(default_factory=_default_cache)
    encoder_model: str = "default"
    encoder_precision: Literal["auto", "float32", "bfloat16"] = "auto"
    severity_model: str = ""
    language_model_url: Annotated[str, AfterValidator(_web_address)] = ""
    language_model: str = ""
    language_model_key: SecretStr | None = None
    language_model_key_file: Path | None = None
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8750, ge=0, le=65535)
    allowed_hosts: tuple[str, ...] = ()
    worker_port: int = Field(default=0, ge=0, le=65535)
    stop_seconds: float = Field(default=3, ge=0)
    log_format: Literal["plain", "json"] = "plain"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics: Literal["off", "loopback", "token"] = "loopback"
    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    traces_url: Annotated[str, AfterValidator(_web_address)] = ""
    traces_share: float = Field(default=1.0, ge=0, le=1)
    open_on_localhost: bool = False
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_client_secret_file: Path | None = None
    oidc_role_claim: str = "groups"
    oidc_roles: dict[str, Role] = Field(default_factory=dict)
    oidc_create: bool = False
    reads_a_minute: int = Field(default=1_200, ge=1)
    writes_a_minute: int = Field(default=300, ge=1)
    intake_a_minute: int = Field(default=30_000, ge=1)
    language: Literal["ja", "en"] = "ja"
    apply_proposals: bool = False
    unassigned_share: float | None = Field(default=None, ge=0, lt=1)
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Tokyo"
    currency: _Currency = "JPY"
    exchange_rates: dict[_Currency, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    personal_data: Literal["redact", "encrypt", "drop"] = "redact"
    hash_key: SecretStr | None = Field(default=None, min_length=16)
    encryption_key: SecretStr | None = Field(default=None, min_length=16)
    name_recogniser: Literal["", "sudachi", "rampart", "both"] = ""
    import_megabytes: int = Field(default=200, ge=1)
    import_rows: int = Field(default=1_000_000, ge=1)
    outgoing_allowed: tuple[str, ...] = ()
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$")
    mail_from: str = Field(default="", pattern=r"^([^\s<>,;@\"]+@[^\s<>,;@\"]+)?$")
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_password_file: Path | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Where the workspace's days and months begin."""
        return ZoneInfo(self.timezone)


def settings() -> Settings:
    """The settings of this moment's environment.

    Raises InvalidInputError that names every variable that can't be used; values are not
    repeated, since one of them may hold a password."""
    ours = (each for each in os.environ.items() if each[0].upper().startswith(PREFIX))
    return _read(frozenset(ours), _default_database(), _default_cache())


# Reading takes 5 ms, and a request or a batch of rows asks several times.
@lru_cache(maxsize=4)
def _read(_ours: frozenset[tuple[str, str]], _database: str, _cache: Path) -> Settings:
    """Once for each set of what a setting comes from."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            (f"{PREFIX}{str(each['loc'][0]).upper()}", each["msg"].removeprefix("Value error, "))
            for each in error.errors(include_url=False, include_input=False)
        ]
    except SettingsError as error:
        # A list or mapping that is not JSON; the message names its field.
        named = re.search(r'field "(\w+)"', str(error))
        name = named[1].upper() if named else "ALLOWED_HOSTS"
        problems = [(f"{PREFIX}{name}", f'not JSON such as ["voc.example"] ({error})')]
    raise InvalidInputError(
        "the settings can't be used; mend these variables (docs/settings.md)", problems
    )
