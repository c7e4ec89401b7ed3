"""A reliability diagram as SVG: what was given against what was so, in one panel or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

SIDE, MARGIN, GAP = 240, 48, 36
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
STYLE = (
    "text{font:12px sans-serif;fill:#1b2430}.paper{fill:#fff}.grid{stroke:#d9dee3}"
    ".even{stroke:#8a949e;stroke-dasharray:4 4}.bar,.line{stroke:#1f5a94;fill:none}"
    ".line{stroke-width:2}.dot{fill:#1f5a94}"
)


@dataclass(frozen=True)
class Point:
    """``marked``, what was so of what was given ``given`` on average, with its 90 % interval."""

    given: float
    marked: float
    low: float
    high: float


def reliability_svg(panels: Mapping[str, Sequence[Point]], given: str, marked: str) -> str:
    """panels: points by title; given, marked: what stands at the axes, both from 0 to 1."""
    width = 2 * MARGIN + len(panels) * SIDE + (len(panels) - 1) * GAP
    height = SIDE + 2 * MARGIN
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    turned = f'x="14" y="{height / 2:g}" transform="rotate(-90 14 {height / 2:g})"'
    drawn = [
        _panel(title, points, MARGIN + n * (SIDE + GAP), first=not n)
        for n, (title, points) in enumerate(panels.items())
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(f'{marked} by {given}')}</title><style>{STYLE}</style>",
            f'<rect class="paper" width="{width}" height="{height}"/>',
            *drawn,
            _text(width / 2, height - 8, given),
            f'<text {turned} text-anchor="middle">{escape(marked)}</text>',
            "</svg>\n",
        ]
    )


def _panel(title: str, points: Sequence[Point], left: float, *, first: bool) -> str:
    def x(value: float) -> str:
        return f"{left + SIDE * value:.1f}"

    def y(value: float) -> str:
        return f"{MARGIN + SIDE * (1 - value):.1f}"

    lines = [_text(left + SIDE / 2, MARGIN - 14, title)]
    for tick in TICKS:
        lines.append(_line("grid", x(0), y(tick), x(1), y(tick)))
        lines.append(_line("grid", x(tick), y(0), x(tick), y(1)))
        lines.append(_text(float(x(tick)), MARGIN + SIDE + 16, f"{tick:g}"))
        if first:
            lines.append(_text(left - 16, float(y(tick)) + 4, f"{tick:g}"))
    lines.append(_line("even", x(0), y(0), x(1), y(1)))
    lines += [_line("bar", x(p.given), y(p.low), x(p.given), y(p.high)) for p in points]
    joined = " ".join(f"{x(p.given)},{y(p.marked)}" for p in points)
    lines.append(f'<polyline class="line" points="{joined}"/>')
    lines += [f'<circle class="dot" cx="{x(p.given)}" cy="{y(p.marked)}" r="4"/>' for p in points]
    return "\n".join(lines)


def _line(name: str, x1: str, y1: str, x2: str, y2: str) -> str:
    return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _text(x: float, y: float, said: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle">{escape(said)}</text>'
