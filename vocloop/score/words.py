"""What a score was made of, as sentences in both languages: {"ja": …, "en": …}.

Values of attributes stay as the company wrote them; pages say them in the reader's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vocloop_models import LongevityKind

Sentence = dict[str, str]
# What the evidence of a segment is called.
Called = Callable[[Mapping[str, Any]], Sentence]

# Of a segment in Japanese: what stands after its value. Others are "name value".
SUFFIX_JA = {
    "industry": "",
    "department": "部門",
    "region": "地域",
    "plan": "プラン",
    "touch_tier": "タッチの顧客",
}
UNITS = {
    "companies": ("社", "companies"),
    "contacts": ("人", "people"),
    "messages": ("件", "messages"),
}
KINDS: dict[LongevityKind, tuple[str, str]] = {
    LongevityKind.TRANSIENT: (
        "一過性: 短い間だけ声があり、いまはない",
        "transient: heard for a short while, now over",
    ),
    LongevityKind.EMERGING: (
        "新出: 声が届き始めたばかり",
        "emerging: first heard a short while ago",
    ),
    LongevityKind.LASTING: ("持続: ずっと声が届いている", "lasting: heard all along"),
    LongevityKind.RECURRING: (
        "再発: 収まっては、また声が届く",
        "recurring: it goes away and comes back",
    ),
    LongevityKind.FADING: (
        "減衰: 長く声が届いていたが、減ったか止まった",
        "fading: heard for long, now less or no more",
    ),
}

SHARE = (
    (
        "{who_ja}の{value}%({heard}{unit_ja}中{said}{unit_ja}、"
        "90%区間 {low}–{high}%)がこの問題を挙げています"
    ),
    "{value}% of {unit_en} {who_en} ({said} of {heard}, 90% interval {low}–{high}%) raise it",
)
REACH = (
    (
        "{where_ja}現在の顧客のうち、まだ声を上げていないのは{customers}社。"
        "このうち約{expected}社が同じ問題を抱えていると見込まれます"
    ),
    (
        "{customers} active customers{where_en} have not said it yet; about {expected} of them are "
        "expected to face it too"
    ),
)
FORECAST = (
    "今後{months}か月のうち、{value}%(90%区間 {low}–{high}%)の月に声が届く見込みです",
    "expected to be heard in {value}% of the next {months} months (90% interval {low}–{high}%)",
)
HEARD = (
    "最初の声からの{age_months}か月のうち、{active_months}か月に声が届きました。{now_ja}",
    "heard in {active_months} of {age_months} months since the first report; {now_en}",
)
SILENT = ("この{silent_months}か月は届いていません", "silent for {silent_months}")
STILL = ("この1か月にも届いています", "also in the last one")
FIXED = (
    "{on_ja}に対応を提供しました。それで収まった確からしさは{held}%です",
    "something was shipped for it on {on_en}; that this ended it is {held}% likely",
)
KIN = (
    "同じ顧客・セグメント・製品・領域の他のテーマからは、{prior}%の月と見込まれます",
    (
        "other themes of the same customers, segments, product and area let expect {prior}% of "
        "the months"
    ),
)
SURE = ("{kind_ja}(確信度 {belief}%)", "{kind_en} ({belief}% sure)")
SEVERITY = (
    "1社を1票とした{companies}社の平均です。うち{worst}社は最も深刻な段階にあります",
    "mean of {companies} companies, each counted once; {worst} of them in the gravest fifth",
)
OTHERS = (
    "このうち{others}件は会社がわからない声で、それぞれを1社と数えています",
    "{others} of these are voices of no known company, each counted as one",
)
PARTS = {
    "generality": ("一般性", "generality"),
    "longevity": ("長期性", "longevity"),
    "severity": ("深刻度", "severity"),
    "impact": ("インパクト", "impact"),
}
BEHIND = {"customers": ("顧客", "customers"), "statements": ("発言", "statements")}
RANK = (
    "{rank}位。不確かな値と重みを動かした試行の{held}%で、上位{top}件に入ります",
    (
        "rank {rank}; among the first {top} in {held}% of draws of what is uncertain and of "
        "plausible weights"
    ),
)
RIVAL = (
    "最も順位が入れ替わりやすいのは{rival}です(試行の{swap}%)",
    "it changes places most easily with {rival} (in {swap}% of draws)",
)


def filled(template: tuple[str, str], **named: Any) -> Sentence:
    return {"ja": template[0].format(**named), "en": template[1].format(**named)}


def percent(value: float) -> str:
    return f"{100 * value:.0f}"


def segment(row: Mapping[str, Any], called: Called, unit: str = "companies") -> Sentence:
    """製造業のIT部門の62%(31社中19社、90%区間 46–76%)がこの問題を挙げています; row: the evidence
    of a segment."""
    who = called(row)
    return _share((who["ja"], who["en"]), row["said"], row["heard"], row["share"], unit)


def as_written(row: Mapping[str, Any]) -> Sentence:
    """製造業のIT部門, with industry 製造業, department IT."""
    return {
        "ja": "の".join(_part_ja(str(a), str(v)) for a, v in _parts(row)),
        "en": "with " + ", ".join(f"{a} {v}" for a, v in _parts(row)),
    }


def _parts(row: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    return row.get("parts") or [(row["attribute"], row["value"])]


def overall(said: int, heard: int, share: Mapping[str, float], unit: str) -> Sentence:
    who_ja = {"companies": "声を聞いた会社", "contacts": "声を聞いた人"}.get(unit, "届いた声")
    return _share((who_ja, "heard from"), said, heard, share, unit)


def _share(
    who: tuple[str, str], said: int, heard: int, share: Mapping[str, float], unit: str
) -> Sentence:
    return filled(
        SHARE,
        who_ja=who[0],
        who_en=who[1],
        unit_ja=UNITS[unit][0],
        unit_en=UNITS[unit][1],
        said=said,
        heard=heard,
        **{name: percent(share[name]) for name in ("value", "low", "high")},
    )


def _part_ja(attribute: str, value: str) -> str:
    if attribute not in SUFFIX_JA:
        return f"{attribute}「{value}」"
    return value if value.endswith(SUFFIX_JA[attribute]) else value + SUFFIX_JA[attribute]


def reach(row: Mapping[str, Any], *, segmented: bool) -> Sentence:
    return filled(
        REACH,
        where_ja="このセグメントの" if segmented else "",
        where_en=" in this segment" if segmented else "",
        customers=row["customers"],
        expected=f"{row['expected']:.0f}",
    )


def longevity(row: Mapping[str, Any], value: float, low: float, high: float) -> list[Sentence]:
    share = {"value": percent(value), "low": percent(low), "high": percent(high)}
    said = [filled(FORECAST, months=row.get("horizon_months", 12), **share)]
    if row.get("age_months"):
        months = {n: row[n] for n in row if n.endswith("_months")}
        now = filled(SILENT if row["silent_months"] else STILL, **months)
        said.append(filled(HEARD, **months, now_ja=now["ja"], now_en=now["en"]))
    if fix := row.get("fix"):
        day = dt.date.fromisoformat(fix["on"])
        on = {"on_ja": f"{day.year}年{day.month}月{day.day}日", "on_en": f"{day.day} {day:%b %Y}"}
        said.append(filled(FIXED, **on, held=percent(fix["held"])))
    if row.get("kin"):
        said.append(filled(KIN, prior=percent(row["prior"])))
    if row.get("kind"):
        ja, en = KINDS[LongevityKind(row["kind"])]
        belief = (row.get("kinds") or {}).get(row["kind"])
        plain = {"ja": ja, "en": en}
        sure = {"kind_ja": ja, "kind_en": en}
        said.append(plain if belief is None else filled(SURE, belief=percent(belief), **sure))
    return said


def severity(row: Mapping[str, Any]) -> list[Sentence]:
    if not row.get("companies"):
        return []
    histogram: Sequence[int] = row.get("histogram") or [0]
    said = [filled(SEVERITY, companies=row["companies"], worst=histogram[-1])]
    return said + ([filled(OTHERS, others=row["others"])] if row.get("others") else [])


def rank(row: Mapping[str, Any], rival: str | None) -> list[Sentence]:
    if "rank" not in row:
        return []
    said = [filled(RANK, rank=row["rank"], top=row["top"], held=percent(row["in_top"]))]
    if rival is not None:
        said.append(filled(RIVAL, rival=rival, swap=percent(row["swap"])))
    return said
