"""What people do all day, for locust: load.py starts it. Each user signs in, then looks at pages of
their role and thinks in between; a few hand in voices."""

from __future__ import annotations

import csv
import os
import random
import re
import time
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task

PASSWORD = os.environ["VOCLOOP_LOAD_PASSWORD"]
PLACES = os.environ["VOCLOOP_LOAD_PLACES"].split()
LINK = re.compile(r'href="(/(?:themes|backlog|decisions|rounds|customers)/[0-9a-f-]{36})"')
draw = random.Random()  # noqa: S311 - whom to be and where to look
# Every answer: when it came, what was asked for, how long it took, whether it failed.
ANSWERS: list[tuple[float, str, float, bool]] = []
WORDS = ("承認", "請求", "出力", "export", "承認が止まらない", "exprt stals")


@events.request.add_listener
def _note(
    name: str, response_time: float, exception: BaseException | None = None, **_: Any
) -> None:
    ANSWERS.append((time.time(), name, response_time, exception is not None))


@events.quitting.add_listener
def _write(**_: Any) -> None:
    with Path(os.environ["VOCLOOP_LOAD_ANSWERS"]).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(ANSWERS)


class Colleague(HttpUser):
    """Different processes serve different people, as behind a proxy. A page every 5 to 15 s."""

    abstract = True
    wait_time = between(5, 15)
    login = ""
    pages: tuple[str, ...] = ()

    def __init__(self, *given: object) -> None:
        self.host = draw.choice(PLACES)
        super().__init__(*given)

    def on_start(self) -> None:
        self.client.headers["accept-language"] = draw.choice(("ja", "en"))
        told = {"login": self.login, "password": PASSWORD}
        self.client.post("/sign-in", data=told, headers={"origin": self.host}, name="POST /sign-in")
        self.links: list[str] = []

    @task(10)
    def look(self) -> None:
        address = draw.choice(self.pages)
        self.links = LINK.findall(self._get(address)) or self.links

    @task(8)
    def follow(self) -> None:
        if self.links:
            self._get(draw.choice(self.links))

    @task(2)
    def search(self) -> None:
        self._get(f"/search?text={draw.choice(WORDS)}")

    def _get(self, address: str) -> str:
        shape = re.sub(r"[0-9a-f-]{36}", "{id}", address)
        return str(self.client.get(address, name=f"GET {shape}").text)


class Agent(Colleague):
    weight = 5
    login = "agent"
    pages = ("/themes", "/voices", "/hand-in", "/inbox", "/customers", "/alerts")

    @task(2)
    def hand_in(self) -> None:
        text = f"{draw.choice(WORDS)}の件です。{draw.randrange(10**9)}番の申請が止まりました。"
        told = {"text": text, "kind": "ticket"}
        own = {"origin": self.host}
        self.client.post("/hand-in/known", data=told, headers=own, name="POST /hand-in/known")


class Manager(Colleague):
    weight = 4
    login = "product_manager"
    pages = (
        "/themes",
        "/themes?sort=severity&kind=lasting",
        "/themes?segment=industry:医療",
        "/changes",
        "/backlog",
        "/map",
        "/minority-voices",
        "/hypotheses",
        "/quality",
        "/outcomes",
    )


class Executive(Colleague):
    weight = 1
    login = "executive"
    pages = ("/briefing", "/decisions", "/rounds", "/numbers", "/outcomes", "/themes")
