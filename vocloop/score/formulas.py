"""The formula of each number in words, and with its values put in, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from vocloop.score.generality import JEFFREYS, SEGMENT_QUANTILE
from vocloop.score.kin import LEAST_SHARE, MOST_SHARE, TOGETHER
from vocloop.score.longevity import FIXED_CHANCE, MOST, PRIOR_HALF_LIFE, USUAL
from vocloop.score.segments import SEGMENT_PRIOR
from vocloop.score.words import Called, Sentence, filled

Evidence = Mapping[str, Any]
# A formula, and the same with its values put in.
Formula = tuple[Sentence, Sentence]

IN_SEGMENT = (
    (
        "最も当てはまるセグメントでの、Beta({prior:g} · 全体の割合 + 挙げた社数, "
        "{prior:g} · (1 − 全体の割合) + 声を聞いた社数 − 挙げた社数)の{quantile:.0%}点"
    ),
    (
        "{quantile:.0%} quantile of Beta({prior:g} · share + said, "
        "{prior:g} · (1 − share) + heard − said) in the best-fitting segment"
    ),
)
IN_SEGMENT_FILLED = (
    (
        "Beta({prior:g} · {share:.3f} + {said}, {prior:g} · {rest:.3f} + {heard} − {said})の"
        "{quantile:.0%}点 = {value:.3f} [{segment_ja}]"
    ),
    (
        "{quantile:.0%} quantile of Beta({prior:g} · {share:.3f} + {said}, "
        "{prior:g} · {rest:.3f} + {heard} − {said}) = {value:.3f} [{segment_en}]"
    ),
)
OF_ALL = (
    "({half:g} + 挙げた社数) / ({one:g} + 声を聞いた社数){others_ja}",
    "({half:g} + said) / ({one:g} + heard){others_en}",
)
OTHERS = ("(会社がわからない声の重みは½まで)", " (voices of no known company weigh at most ½)")
COMING = (
    (
        "Σ 記憶hの確からしさ · (h/{half:g} + 届いた) / ((h/{half:g}) / 見込み + 届き得た)、"
        "上限{most:g}。「届いた」は声が届いた月、「届き得た」は届き得た月の、"
        "½^(経過月数/h)の合計。声の多い月は (1 + {loud:g} ln 声の数) か月分"
        "{lone_ja}{there_ja}{fixed_ja}"
    ),
    (
        "Σ belief in a memory h · (h/{half:g} + heard) / ((h/{half:g}) / prior + could), at most "
        "{most:g}; heard, could: Σ ½^(age/h) of the months in which it was heard, and in which it "
        "could be, a month of many voices as much as 1 + {loud:g} ln of their number{lone_en}"
        "{there_en}{fixed_en}"
    ),
)
LONE = (
    "。「届いた」はそのうち (1 − {lone:g}^声の数) だけを数える",
    ", and heard only as far as 1 − {lone:g}^(their number)",
)
THERE = (
    "。届かなかった月は、声を挙げた会社のうちその月までに声を聞いていた割合だけを数える",
    "; a month in which it was not heard counts as far as those who say it had been heard from",
)
FIXED = (
    "。対応を提供したあとの記憶はその翌月から数え、見込みは{chance:g}",
    "; the memory since something was shipped counts the months after it, prior {chance:g}",
)
CUT = (" → 上限{most:g}", " → at most {most:g}")
KIN = (
    (
        "。見込み: 基準 · Π (縁のあるテーマに届く割合 / 全テーマに届く割合) ^ 重み、"
        "{least:g}から{most:g}まで"
    ),
    "; prior: base · Π (what its kin show / what all show) ^ weight, from {least:g} to {most:g}",
)
KIN_FILLED = (
    "。見込み {prior:.3f} = {base:.3f} · {factors_ja}{cut_ja}",
    "; prior {prior:.3f} = {base:.3f} · {factors_en}{cut_en}",
)
RAISED = (" → 下限{least:g}", " → at least {least:g}")
# What kin have in common; other attributes keep the name that the company gave them.
SHARED = {
    "customer": ("顧客", "customer"),
    "industry": ("業種", "industry"),
    "size": ("規模", "size"),
    "region": ("地域", "region"),
    "plan": ("プラン", "plan"),
    "touch_tier": ("タッチ区分", "touch tier"),
    "department": ("部門", "department"),
    "role": ("役割", "role"),
    "about product": ("製品", "product"),
    "about area": ("領域", "area"),
}
SUMMED = ("{name_ja}の合計", "{name_en}, all together")
MEAN = (
    "会社ごとに発言の深刻度を平均し、それを全社で平均した値",
    "mean over companies of the mean severity of what each said",
)
MEAN_FILLED = (
    "{companies}社の平均 = {value:.3f}",
    "mean of {companies} companies = {value:.3f}",
)
PRODUCT = (
    "一般性^a × 長期性^b × 深刻度^c、重みa、b、cは{origin_ja}",
    "generality^a × longevity^b × severity^c, weights a, b, c: {origin_en}",
)
OWN_WEIGHTS = ("このワークスペースの第{version}版", "version {version} of this workspace")
DEFAULT_WEIGHTS = ("既定値", "the defaults")


def generality(part: Evidence, value: float, called: Called) -> Formula:
    """part: the evidence of generality, as of vocloop.score.scores; so below."""
    said, heard = part.get("said", {}), part.get("heard", {})
    share, basis = part.get("share"), part.get("basis")
    if basis and share:
        steered = {"prior": SEGMENT_PRIOR, "quantile": SEGMENT_QUANTILE}
        segment = called(basis)
        return filled(IN_SEGMENT, **steered), filled(
            IN_SEGMENT_FILLED,
            **steered,
            share=share["value"],
            rest=1 - share["value"],
            said=basis["said"],
            heard=basis["heard"],
            value=value,
            segment_ja=segment["ja"],
            segment_en=segment["en"],
        )
    others = heard.get("contacts", 0) + heard.get("messages", 0)
    more = " + …" if others else ""
    ja, en = OTHERS if others else ("", "")
    named = filled(OF_ALL, half=JEFFREYS, one=2 * JEFFREYS, others_ja=ja, others_en=en)
    k, n = said.get("companies", 0), heard.get("companies", 0)
    shown = f"({JEFFREYS:g} + {k}{more}) / ({2 * JEFFREYS:g} + {n}{more}) = {value:.3f}"
    return named, {"ja": shown, "en": shown}


def longevity(part: Evidence, value: float) -> Formula:
    memories = [m for m in part.get("memories", []) if m["belief"]]
    terms = [
        f"{m['belief']:.2f} · ({m['months'] / PRIOR_HALF_LIFE:g} + {m['heard']:.2f}) / "
        f"({m['months'] / PRIOR_HALF_LIFE:g} / {prior:.3f} + {m['could']:.2f})"
        for m in memories
        for prior in [FIXED_CHANCE if m.get("fixed") else part["prior"]]
    ]
    whole = sum(m["belief"] * m["chance"] for m in memories)
    over = whole > MOST
    cut = filled(CUT if over else ("", ""), most=MOST)
    left = f"{' + '.join(terms)} = " if terms else ""
    shown = f"{left}{whole if over else value:.3f}"
    lone = part.get("lone")
    alone = filled(LONE if lone else ("", ""), lone=lone)
    there = filled(THERE if part.get("arrivals") else ("", ""))
    fixed = filled(FIXED if part.get("fix") else ("", ""), chance=FIXED_CHANCE)
    named = filled(
        COMING,
        half=PRIOR_HALF_LIFE,
        most=MOST,
        loud=part.get("loud", USUAL.loud),
        **{f"lone_{language}": words for language, words in alone.items()},
        **{f"there_{language}": words for language, words in there.items()},
        **{f"fixed_{language}": words for language, words in fixed.items()},
    )
    values = {language: shown + cut[language] for language in cut}
    if not part.get("kin"):
        return named, values
    factors = [
        filled(("{power}({name_ja})", "{power} ({name_en})"), power=power, **_shared(name))
        for name, known in part["kin"].items()
        for power in [f"{_ratio(known['ratio'])} ^ {known['weight']:.2f}"]
    ]
    expected = part["base"] * prod(k["ratio"] ** k["weight"] for k in part["kin"].values())
    bound = _bound(expected, part["prior"])
    prior = filled(
        KIN_FILLED,
        prior=expected if any(bound.values()) else part["prior"],
        base=part["base"],
        **{f"cut_{language}": words for language, words in bound.items()},
        **{f"factors_{language}": " · ".join(f[language] for f in factors) for language in named},
    )
    rule = filled(KIN, least=LEAST_SHARE, most=MOST_SHARE)
    return (
        {language: named[language] + rule[language] for language in named},
        {language: values[language] + prior[language] for language in values},
    )


def _ratio(value: float) -> str:
    """Two digits also of a small one: 0.00 would make the product 0."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _bound(expected: float, prior: float) -> Sentence:
    """What is said of a product that was cut to the bounds of a share."""
    if expected > MOST_SHARE == prior:
        return filled(CUT, most=MOST_SHARE)
    return filled(RAISED if expected < LEAST_SHARE == prior else ("", ""), least=LEAST_SHARE)


def _shared(name: str) -> dict[str, str]:
    one = name.removesuffix(TOGETHER)
    ja, en = SHARED.get(one, (one, one))
    if one == name:
        return {"name_ja": ja, "name_en": en}
    summed = filled(SUMMED, name_ja=ja, name_en=en)
    return {"name_ja": summed["ja"], "name_en": summed["en"]}


def severity(part: Evidence, value: float) -> Formula:
    return filled(MEAN), filled(MEAN_FILLED, companies=part.get("companies", 0), value=value)


def impact(part: Evidence, values: Mapping[str, float], value: float) -> Formula:
    """values: {"generality", "longevity", "severity"}; ``value``: their product."""
    powers, version = part.get("exponents", {}), part.get("weights", 0)
    origin = filled(OWN_WEIGHTS if version else DEFAULT_WEIGHTS, version=version)
    factors = " × ".join(f"{one:.3f}^{powers.get(name, 1.0):g}" for name, one in values.items())
    shown = f"{factors} = {value:.3f}"
    named = filled(PRODUCT, origin_ja=origin["ja"], origin_en=origin["en"])
    return named, {"ja": shown, "en": shown}
