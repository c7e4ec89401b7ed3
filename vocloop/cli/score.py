"""``vocloop score …``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer

from vocloop.cli.console import progress_bar, say
from vocloop.cli.workspace import connect, encoder
from vocloop.config import settings

# Scoring takes seconds to import: only the commands that do it wait for it.
if TYPE_CHECKING:
    from vocloop.score.explain import Explanation
    from vocloop.score.history import Move
    from vocloop.score.severity import Voice
    from vocloop.score.severity_head import Floats
    from vocloop.score.severity_labels import Encode, Read

app = typer.Typer(help="Score files, and explain the scores of themes.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="A JSONL file, - for standard input.")]
Out = Annotated[str, typer.Option("--out", "-o", help="Where to write, - for standard output.")]


class Language(StrEnum):
    JA = "ja"
    EN = "en"


@app.command("severity")
def severity(
    source: Source,
    out: Out,
    words_only: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--words-only", help="By the lexicon alone: at once, and less well.")
    ] = False,
    labels: Annotated[
        str | None,
        typer.Option(help="Rows that people labelled: severity 0 to 1, mark, priority or rating."),
    ] = None,
) -> None:
    """Score how much each statement hurts.

    Rows {"id", "text", "language"?, "mark"?, "priority"?, "rating"?, "rating_scale"?} become
    {"id", "severity": 0..1, "signals": {name: log-odds}}. From the rows of --labels it learns what
    people here call severe, as a workspace does.

    Example: vocloop score severity tickets.jsonl -o severity.jsonl --labels marked.jsonl
    """
    from vocloop.score.files import score_severity_file

    if words_only and labels is not None:
        raise typer.BadParameter(
            "labels teach by vectors; leave --words-only out", param_hint="--labels"
        )
    with progress_bar() as show:
        encode = _encode(show)
        read = None if words_only else _reader(encode)
        teach = None if labels is None else _lesson(labels, read, encode)
        score_severity_file(source, out, read, teach)


def _encode(show: Callable[[str, int, int], None]) -> Encode:
    """Vectors of texts by the encoder of the settings; of the same texts they are made once."""

    @cache
    def encoded(texts: tuple[str, ...]) -> Floats:
        return encoder().encode(
            list(texts), progress=lambda done, total: show("encoding", done, total)
        )

    return lambda texts: encoded(tuple(texts))


def _reader(encode: Encode) -> Read | None:
    """What reads severity in texts: the classifier of the settings, or the head; None when the
    encoder of the settings has no head."""
    from vocloop.score.severity_classify import zero_shot
    from vocloop.score.severity_head import head_for, read

    classifier = settings().severity_model
    if classifier:
        return zero_shot(classifier)
    model = encoder()
    head = head_for(model.name)
    if head is None:
        say(f"the head does not read vectors of {model.name}: severity is by the lexicon alone")
        return None
    return lambda texts: read(head, encode(texts))


def _lesson(
    labels: str, read: Read | None, encode: Encode
) -> Callable[[Sequence[Voice]], Sequence[Voice]] | None:
    from vocloop.score.severity_labels import learn_file, with_teaching

    found = learn_file(labels, read, encode)
    shares = f"{found.lesson.before:.3f} by the words, {found.lesson.after:.3f} as taught"
    say(f"{found.labels} labels; pairs in people's order: {shares}")
    taught = found.taught
    if taught is None:
        say("that is not clearly better: the labels are left out")
        return None
    return lambda voices: with_teaching(taught, voices, encode)


@app.command("themes")
def score_themes(
    source: Source,
    out: Out,
    shipped: Annotated[
        str | None,
        typer.Option(help='What was shipped for themes: rows {"theme", "at", "share"?: 0 to 1}.'),
    ] = None,
) -> None:
    """Score themes by who said them, how long and how badly.

    Rows {"id", "theme", "date"?, "customer"?, "segments"?, "product"?, "area"?, …} become one
    object with each theme's generality, longevity, severity and impact, with interval and evidence.
    Of --shipped the last row of a theme counts: silence after it is its success.

    Example: vocloop score themes themed.jsonl -o scores.json --shipped shipped.jsonl
    """
    from vocloop.score.files import score_themes_file

    score_themes_file(source, out, shipped)


@app.command("explain")
def explain(
    theme: Annotated[str, typer.Argument(help="A theme: its id, T-0012, or 12.")],
    language: Annotated[Language, typer.Option(help="Of all but the ids.")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="All of it, for programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Open up the numbers of a theme: formula, values, evidence, and why impact moved.

    Example: vocloop score explain T-0012 --language ja
    """
    from vocloop.score import explain as explaining
    from vocloop.score.history import moved
    from vocloop_models.database import reading

    with reading(connect()) as session:
        found = explaining.explain(session, explaining.theme_named(session, theme).id)
        move = moved(session, found.theme_id)
    if as_json:
        whole = {**asdict(found), "move": None if move is None else asdict(move)}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=1, default=str))
        return
    for line in _lines(found, move, language):
        typer.echo(line)


def _lines(found: Explanation, move: Move | None, language: Language) -> list[str]:
    from vocloop.score.words import BEHIND, PARTS

    own = 0 if language is Language.JA else 1
    titles = [found.title_ja, found.title_en]
    lines = [f"T-{found.number:04d}  {' / '.join(t for t in titles if t) or '–'}  ({found.day})"]
    for part in found.parts:
        ja, en = (part.formula_ja, part.filled_ja), (part.formula, part.filled)
        lines += [
            "",
            f"{PARTS[part.name][own]}  {part.value:.3f}  (90 %: {part.low:.3f} – {part.high:.3f})",
            *(f"  {sentence[language]}" for sentence in part.sentences),
            *(f"  = {line}" for line in (ja, en)[own]),
            *(f"  {BEHIND[kind][own]}: {', '.join(ids)}" for kind, ids in part.ids.items() if ids),
        ]
    if move is not None:
        change = f"{move.before:.3f} ({move.since}) → {move.after:.3f} ({move.day})"
        lines += [
            "",
            f"{PARTS['impact'][own]} {change}",
            *(f"  {sentence[language]}" for sentence in move.sentences),
        ]
    return lines
