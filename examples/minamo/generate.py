"""Writes the sample company's files out of the voices and what is planted in planted.json.

    python examples/minamo/generate.py [--out DIRECTORY]

The same inputs give the same bytes on every machine.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from company import LANGUAGES, Customer, customers_of, facing
from courses import course, near_season
from draws import Draw, at_quantile

HERE = Path(__file__).parent

# An interview looks back at an outage for up to a year.
LOOKING_BACK_DAYS = 365
# Who is asked for an interview: mostly those with whom somebody talks anyway.
INTERVIEW_WEIGHTS = {"high": 4.0, "low": 2.0, "tech": 1.0}

# Office hours in minutes after midnight, and those of the few who write early or late.
OFFICE, OTHER_HOURS, OTHER_HOURS_SHARE = (8 * 60 + 30, 18 * 60 + 30), (6 * 60, 23 * 60), 0.06
# The outage of the texts began before nine, and most wrote at once.
OUTAGE_HOURS = (9 * 60, 18 * 60)

# Words that only one kind of business writes: a ward is a hospital's. The first match counts.
INDUSTRY_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"病院|病棟|当院|医師|看護|[hH]ospital|clinic|\bward\b|nurse|patient", ("Healthcare",)),
    (r"当行|金融機関|our bank branch|local bank", ("Finance",)),
    (r"工事|現場監督|一人親方|building site|foreman|foremen|excavator", ("Construction",)),
    (r"配車|配送|トラック|\btruck|\bdrivers?\b|\bdepot", ("Logistics",)),
    (r"食材|厨房|restaurant|\bchef|kitchen", ("Restaurants",)),
    (r"店舗|店長|うちの店|\bstores?\b|\bshops?\b", ("Retail", "Restaurants")),
    (r"工場|factory|\bplants?\b|coating line", ("Manufacturing",)),
    (r"\bdevelopers\b|開発者", ("IT",)),
)

RATING_RANGES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
SCALE_SHARES = (("nps", 0.5), ("csat", 0.3), ("ces", 0.2))
# Where between the worst (0) and the best (1) of its scale a rating lies, by severity 0 … 4. The
# noise is about one grade wide: a rating is a weak sign of severity in life, too.
CONTENT_BY_SEVERITY = (0.75, 0.72, 0.55, 0.36, 0.12)
CONTENT_OF_PRAISE = 0.96
RATING_NOISE = 0.22

PRIORITIES = ("low", "normal", "high", "urgent")
PRIORITY_BY_SEVERITY = (0, 0, 1, 2, 3)
# Half of the tickets carry a priority, and a third of those are marked one step off.
PRIORITY_SHARE, PRIORITY_OFF = 0.5, 0.33

# Until a voice is dated.
UNDATED = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass
class Voice:
    """A text with what its author meant by it, and what is drawn for it."""

    language: str
    channel: str
    severity: int
    text: str
    themes: list[str]
    day: dt.date = dt.date.min
    said_at: dt.datetime = UNDATED
    drawn: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What its draws hang on: a voice more in the file changes little for the others."""
        return f"{self.language}/{self.text}"


class Sample:
    """The planted truth at work on the voices."""

    def __init__(self, planted: Mapping[str, Any], voices: list[Voice]) -> None:
        self.planted = planted
        self.seed: str = planted["seed"]
        self.themes: Mapping[str, Any] = planted["themes"]
        first, last = (dt.date.fromisoformat(planted[end]) for end in ("first_day", "last_day"))
        self.days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        self.customers = customers_of(planted)
        self.facing = {key: facing(planted, key, self.customers) for key in self.themes}
        self.courses = {key: course(self.themes[key]["schedule"], self.days) for key in self.themes}
        self.voices = voices
        self.heard: Counter[tuple[str, str]] = Counter()  # (theme or channel, customer)
        self._date()
        self._attribute()
        # By instant, then by text: two people may write in the same second.
        self.voices.sort(key=lambda voice: (voice.said_at.astimezone(dt.UTC), voice.key))

    # When

    def _date(self) -> None:
        for key in self.themes:
            own = [v for v in self.voices if v.channel != "interview" and v.themes == [key]]
            # Even steps over the quantiles keep the planted shares; words that only fit the
            # beginning or the end of a course take the outer steps.
            own.sort(key=lambda v: (self._stage(key, v.text), self._draw("order", v).unit(), v.key))
            for index, voice in enumerate(own):
                quantile = (index + self._draw("day", voice).unit()) / len(own)
                weights = near_season(voice.text, self.courses[key], self.days)
                voice.day = self.days[at_quantile(weights, quantile)]
        for voice in self.voices:
            if voice.channel == "interview":
                voice.day = self._interview_day(voice)

    def _stage(self, key: str, text: str) -> int:
        theme = self.themes[key]
        if "early" in theme and re.search(theme["early"], text):
            return 0
        return 2 if "late" in theme and re.search(theme["late"], text) else 1

    def _interview_day(self, voice: Voice) -> dt.date:
        """A working day on which all of its themes are alive, as far as they ever are at once."""
        weights = [float(day.weekday() < 5) for day in self.days]
        # What has not begun can't be spoken of; what is over can.
        for theme in sorted(voice.themes, key=lambda t: self.themes[t]["kind"] != "emerging"):
            both = [a * b for a, b in zip(weights, self._remembered(theme), strict=True)]
            weights = both if any(both) else weights
        near = near_season(voice.text, weights, self.days)
        return self.days[self._draw("day", voice).weighted(near)]

    def _remembered(self, theme: str) -> Sequence[float]:
        schedule = self.themes[theme]["schedule"]
        if schedule["shape"] != "day":
            return self.courses[theme]
        on = dt.date.fromisoformat(schedule["on"])
        ages = [(day - on).days for day in self.days]
        return [float(schedule["days"] <= age <= LOOKING_BACK_DAYS) for age in ages]

    # Who

    def _attribute(self) -> None:
        loud = self._loud_voices()
        # Voices with the words of an industry choose first; the others fill who is still silent.
        order = sorted(self.voices, key=lambda v: (not _industries(v.text), v.day, v.key))
        for voice in order:
            customer = loud.get(voice.key) or self._customer(voice)
            for theme in [*voice.themes, voice.channel]:
                self.heard[theme, customer.external_id] += 1
            voice.said_at = self._time(voice, customer)
            voice.drawn = {
                "customer": customer.external_id,
                "contact": self._contact(voice, customer),
                **self._rating(voice),
                **self._priority(voice),
            }

    def _loud_voices(self) -> dict[str, Customer]:
        """By voice: the customer who writes more than all others about one theme."""
        loud = self.planted["loud"]
        customer = next(c for c in self.customers if c.external_id == loud["customer"])
        own = [v for v in self.voices if v.themes == [loud["theme"]]]
        fitting = [v for v in own if not self._foreign(v, customer)]
        fitting.sort(key=lambda v: self._draw("loud", v).unit())
        return {v.key: customer for v in fitting[: round(loud["share"] * len(own))]}

    def _foreign(self, voice: Voice, customer: Customer) -> bool:
        industries = _industries(voice.text)
        return bool(industries) and customer.attributes["industry"] not in industries

    def _customer(self, voice: Voice) -> Customer:
        able = [
            (sum(c in self.facing[theme] for theme in voice.themes), c)
            for c in self.customers
            if voice.language in c.languages and c.active(voice.day)
        ]
        most = max((faced for faced, _ in able), default=0)
        if not most:
            raise ValueError(
                f"nobody who faces {voice.themes} writes {voice.language} on {voice.day};"
                " raise the theme's share in planted.json"
            )
        found = [c for faced, c in able if faced == most]
        found = [c for c in found if not self._foreign(voice, c)] or found
        # Nobody is asked for a second interview, or complains again, before the others have.
        about = "interview" if voice.channel == "interview" else voice.themes[0]
        found = [c for c in found if not self.heard[about, c.external_id]] or found
        weights = [c.talkativeness for c in found]
        if voice.channel == "interview":
            weights = [INTERVIEW_WEIGHTS[c.attributes["touch_tier"]] for c in found]
        return found[self._draw("customer", voice).weighted(weights)]

    def _contact(self, voice: Voice, customer: Customer) -> str:
        asked = self.themes[voice.themes[0]].get("contacts", [])
        found = [c for c in customer.contacts if c.department in asked] or customer.contacts
        weights = [2.0 if contact.champion else 1.0 for contact in found]
        return found[self._draw("contact", voice).weighted(weights)].external_id

    # What stands beside the text

    def _time(self, voice: Voice, customer: Customer) -> dt.datetime:
        draw = self._draw("time", voice)
        schedule = self.themes[voice.themes[0]]["schedule"]
        low, high = OTHER_HOURS if draw.unit() < OTHER_HOURS_SHARE else OFFICE
        step = draw.unit()
        if voice.channel == "interview":
            low, high = OFFICE
        if schedule.get("on") == voice.day.isoformat():
            low, high = OUTAGE_HOURS
            step *= draw.unit()
        second = int((low + step * (high - low)) * 60)
        clock = dt.time(second // 3600, second // 60 % 60, second % 60)
        return dt.datetime.combine(voice.day, clock, customer.zone)

    def _rating(self, voice: Voice) -> dict[str, Any]:
        if voice.channel != "survey":
            return {}
        draw = self._draw("rating", voice)
        scale = draw.named(SCALE_SHARES)
        low, high = RATING_RANGES[scale]
        content = CONTENT_BY_SEVERITY[voice.severity]
        if voice.severity == 0 and self.themes[voice.themes[0]].get("praise"):
            content = CONTENT_OF_PRAISE
        content = min(1.0, max(0.0, content + draw.around(RATING_NOISE)))
        return {"rating": low + int(content * (high - low) + 0.5), "rating_scale": scale}

    def _priority(self, voice: Voice) -> dict[str, Any]:
        draw = self._draw("priority", voice)
        if voice.channel != "ticket" or draw.unit() >= PRIORITY_SHARE:
            return {}
        step = PRIORITY_BY_SEVERITY[voice.severity]
        if draw.unit() < PRIORITY_OFF:
            step += 1 if draw.unit() < 0.5 else -1
        return {"priority": PRIORITIES[min(3, max(0, step))]}

    def _draw(self, purpose: str, voice: Voice) -> Draw:
        return Draw(self.seed, purpose, voice.key)

    # Files

    def write(self, out: Path) -> None:
        feedback, truth = [], []
        numbers: Counter[str] = Counter()
        for voice in self.voices:
            numbers[voice.channel] += 1
            name = f"{voice.channel[0].upper()}-{numbers[voice.channel]:04d}"
            feedback.append(
                {
                    "id": name,
                    "date": voice.said_at.isoformat(),
                    "channel": voice.channel,
                    **voice.drawn,
                    "text": voice.text,
                }
            )
            truth.append(
                {
                    "id": name,
                    "themes": [theme for theme in voice.themes if theme != "noise"],
                    "kind": self.themes[voice.themes[0]]["kind"],
                    "language": voice.language,
                    "severity": voice.severity,
                }
            )
        _write_jsonl(out / "feedback.jsonl", feedback)
        _write_jsonl(out / "truth.jsonl", truth)
        _write_csv(
            out / "customers.csv",
            (
                {"external_id": c.external_id, "name": c.name, **c.attributes}
                for c in self.customers
            ),
        )
        contacts = (asdict(contact) for c in self.customers for contact in c.contacts)
        _write_csv(
            out / "contacts.csv",
            ({**row, "champion": "true" if row["champion"] else "false"} for row in contacts),
        )
        _write_csv(out / "departments.csv", self.planted["departments"])


def _industries(text: str) -> tuple[str, ...]:
    return next((found for words, found in INDUSTRY_WORDS if re.search(words, text)), ())


def read_voices(folder: Path) -> list[Voice]:
    voices = []
    for language in LANGUAGES:
        for line in (folder / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            themes = row["themes"] if "themes" in row else [row["theme"]]
            voices.append(Voice(language, row["channel"], row["severity"], row["text"], themes))
    return voices


def _write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def _write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    table = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the sample company's files.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    out: Path = parser.parse_args().out
    planted = json.loads((HERE / "planted.json").read_text(encoding="utf-8"))
    sample = Sample(planted, read_voices(HERE / "voices"))
    sample.write(out)
    print(f"{len(sample.voices)} voices of {len(sample.customers)} customers written to {out}")


if __name__ == "__main__":
    main()
