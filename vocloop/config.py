"""Settings, read from the environment (prefix ``VOCLOOP_``). docs/settings.md documents each."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_database() -> str:
    folder = platformdirs.user_data_path("vocloop")
    return f"sqlite:///{folder / 'vocloop.db'}"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="VOCLOOP_", frozen=True)

    database_url: str = Field(default_factory=_default_database)
    cache_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path("vocloop"))
    encoder_model: str = "default"
    host: str = "127.0.0.1"
    port: int = 8750
    allowed_hosts: tuple[str, ...] = ()
    language: Literal["ja", "en"] = "ja"
    timezone: str = "Asia/Tokyo"


def settings() -> Settings:
    return Settings()
