"""How near is near? What vocloop_ui.suggestions.LEAST_SIMILARITY was chosen by.

``python benchmarks/suggestions.py DATABASE`` on a database that ``vocloop demo`` filled:
types 100 voices of the sample company (their own statements are held out of what is known) and 50
sentences about something else, and prints for each threshold how often a suggestion is shown and
how often the theme that the voice was written for is among them; then the time an answer takes.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from vocloop.cli import workspace
from vocloop.encode.port import Encoder
from vocloop.intake.language import language_of
from vocloop.themes.assign import KnownThemes, Nearby
from vocloop.themes.discover import VOTE
from vocloop.themes.refresh import load
from vocloop.worker.suggest import suggest
from vocloop.worker.worker import Worker
from vocloop_models import Feedback, Statement, ThemeMembership
from vocloop_models.database import open_database, reading
from vocloop_ui.suggestions import MOST_SUGGESTIONS

TRUTH = Path(__file__).parents[1] / "examples" / "minamo" / "truth.jsonl"
HELD_OUT = 100
SEED = 7
TIMED_EVERY = 5  # of the 150 texts: 30 are enough for a median and a p95
THRESHOLDS = [0.0, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6]
UNRELATED = """
今日は朝から雨が降っていて、洗濯物が乾きません。
昨日の夜は友だちと焼き鳥を食べに行きました。
祖母の家の庭に梅の花が咲き始めました。
電車が遅れて映画の冒頭を見逃しました。
来週の遠足にはお弁当と水筒を持ってきてください。
猫が窓辺でずっと外を眺めています。
カレーは一晩置いたほうがおいしいと思います。
富士山の頂上から見た日の出が忘れられません。
図書館で借りた小説がとても面白かったです。
サッカーの試合は延長の末に負けてしまいました。
新しい靴を履いたらかかとが痛くなりました。
冬の星座ではオリオン座がいちばん好きです。
子どもがピアノの発表会で緊張していました。
海辺の町では新鮮な魚が安く買えます。
自転車のタイヤの空気が抜けていたので入れました。
今年の桜は例年より一週間早く咲きました。
風邪をひいたので温かいうどんを作って寝ます。
犬の散歩をしていたら虹が見えました。
ギターの弦が切れたので楽器屋に行きます。
美術館の印象派の展覧会は大変な人出でした。
味噌汁の具は豆腐とわかめが定番です。
台風が近づいているので雨戸を閉めました。
娘の背が一年で六センチも伸びました。
温泉に入ったあとの牛乳は格別です。
古い時計を直してもらったら動き出しました。
It has been raining since this morning and the laundry will not dry.
We grilled fish on the beach and watched the sun go down.
My grandmother's garden is full of tulips this spring.
The train was late, so we missed the first scene of the film.
Bring a packed lunch and a bottle of water for the school trip.
The cat sits by the window and watches the birds all day.
A curry tastes better when it has stood overnight.
I will never forget the view from the top of the mountain.
The novel I borrowed from the library was hard to put down.
Our team lost the match on penalties after extra time.
My new shoes gave me blisters on both heels.
Orion is the easiest constellation to find in winter.
Our son was nervous before his first piano recital.
Fresh bread from the village bakery is worth the walk.
I pumped up the tyres of my bicycle and rode to the lake.
The cherry trees bloomed a week early this year.
She caught a cold and stayed in bed with a hot soup.
We saw a double rainbow while walking the dog.
A string of my guitar broke in the middle of the song.
The museum was crowded on the last day of the exhibition.
Add a pinch of salt and let the dough rest for an hour.
A storm is coming, so we closed all the shutters.
The baby slept through the night for the first time.
The old clock ticks again since the watchmaker cleaned it.
They hiked along the river and camped under the pines.
""".strip().splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    engine = open_database(f"sqlite:///{parser.parse_args().database}")
    encoder = workspace.encoder()
    truth = {row["id"]: row["themes"] for row in map(json.loads, TRUTH.open(encoding="utf-8"))}
    with reading(engine) as session:
        voices = session.exec(
            select(Feedback.id, Feedback.external_id, Feedback.text).order_by(col(Feedback.id))
        ).all()
        rows = session.exec(
            select(Statement.id, Feedback.id, Feedback.external_id, ThemeMembership.theme_id)
            .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
            .join(
                ThemeMembership,
                col(ThemeMembership.statement_id) == col(Statement.id),
                isouter=True,
            )
        ).all()
        corpus = load(session, encoder.name)
    planted = [voice for voice in voices if len(truth[voice[1]]) == 1 and len(voice[2]) <= 300]
    held = random.Random(SEED).sample(planted, HELD_OUT)  # noqa: S311 - a sample, not a secret
    gone = {voice for voice, *_ in held}
    known = [row for row in rows if row[1] not in gone]

    # The planted themes are what a perfect run would find; the others are what this one found,
    # each standing for the planted theme that most of its statements were written for.
    ids = {name: uuid.uuid5(uuid.NAMESPACE_URL, name) for names in truth.values() for name in names}
    perfect = {s: ids[truth[e][0]] if len(truth[e]) == 1 else None for s, _, e, _ in known}
    counts: dict[uuid.UUID, Counter[str]] = {}
    for _, _, external, theme in known:
        if theme is not None:
            counts.setdefault(theme, Counter()).update(truth[external])
    stands_for = {theme: count.most_common(1)[0][0] for theme, count in counts.items() if count}

    texts = [text for *_, text in held] + UNRELATED
    languages = [language_of(text) for text in texts]
    vectors = encoder.encode(texts)
    right = [truth[external][0] for _, external, _ in held]
    for title, theme_of, name_of in (
        ("planted themes", perfect, {id_: name for name, id_ in ids.items()}),
        ("themes of the database", {s: theme for s, _, _, theme in known}, stands_for),
    ):
        keep = [i for i, statement in enumerate(corpus.ids) if statement in theme_of]
        themes = KnownThemes(
            [corpus.ids[i] for i in keep],
            corpus.vectors[keep],
            [corpus.languages[i] for i in keep],
            [theme_of[corpus.ids[i]] for i in keep],
        )
        near = [themes.near(vectors[i : i + 1], language) for i, language in enumerate(languages)]
        report(title, near, right, name_of)
    clock(engine, encoder, texts[::TIMED_EVERY])


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def report(
    title: str, found: list[list[Nearby]], right: list[str], name_of: dict[uuid.UUID, str]
) -> None:
    """As vocloop.worker.suggest and vocloop_ui.suggestions choose among the ``found``."""
    say(f"{title}\nleast  voices shown  right among them  first is right  unrelated shown")
    for least in THRESHOLDS:
        shown = [
            [
                name_of.get(one.theme_id)
                for one in sorted(near, key=lambda one: -one.similarity)
                if one.share >= VOTE and one.similarity >= least
            ][:MOST_SUGGESTIONS]
            for near in found
        ]
        typed = list(zip(right, shown, strict=False))
        among = sum(name in names for name, names in typed)
        first = sum([name] == names[:1] for name, names in typed)
        any_of, noise = sum(map(bool, shown[:HELD_OUT])), sum(map(bool, shown[HELD_OUT:]))
        figures = f"{least:.2f}  {any_of:>13}  {among:>16}  {first:>14}  {noise:>12}"
        say(f"{figures} of {len(UNRELATED)}")


def clock(engine: Engine, encoder: Encoder, texts: list[str]) -> None:
    worker = Worker(engine, lambda: encoder)
    suggest(worker, "warm up", "en")
    whole, encoding = [], []
    for text in texts:
        start = time.perf_counter()
        suggest(worker, text, language_of(text))
        whole.append(1000 * (time.perf_counter() - start))
        start = time.perf_counter()
        encoder.encode([text])
        encoding.append(1000 * (time.perf_counter() - start))
    for name, times in (("suggestion", whole), ("of that encoding", encoding)):
        median, tail = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        say(f"{name}: {len(times)} times, median {median:.0f} ms, p95 {tail:.0f} ms")


if __name__ == "__main__":
    main()
