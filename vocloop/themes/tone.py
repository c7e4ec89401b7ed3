"""What a line tells: a problem or a wish, or that all is well.

By words in both languages, so that every answer can be explained. Less is asked of it than of
``intake.kinds``: a line of a title is short, and is held against the others of its theme."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What a problem, a wish or a complaint is told with.
_PROBLEM = re.compile(
    r"ない|ず|ぬ|にくい|づらい|遅|止ま|停止|切れ|消え|壊|故障|不具合|異常|異音|不良|エラー|失敗|困|面倒"
    r"|間違|誤|漏れ|欠け|重い|高い|ほしい|欲しい|たい$|不便|不明|不要|二重|重複|何度も|やり直|手間"
    r"|n't\b|\b(?:not|no|never|cannot|fail\w*|error\w*|wrong|slow\w*|broken|break\w*|crash\w*"
    r"|missing|lost|stolen|declin\w*|reject\w*|refus\w*|stuck|unable|without|twice|late|delay\w*"
    r"|charged|extra|incorrect\w*|inaccurate|disappear\w*|stop\w*|too|only|should|need|wish|want"
    r"|why|how|unauthorized|fraud\w*|ignor\w*|duplicat\w*|impossible|confus\w*|annoy\w*)\b",
    re.IGNORECASE,
)
# What praise is told with, and what is conceded before the matter: "the screen is okay, but".
_FINE = re.compile(
    r"(?<![ばらと])(?:助か(?:って|った|りま|る$)|うれし|嬉し|ありがた)|親切|丁寧|満足|素晴らし|すばらし|最高"
    r"|(?<!ば)(?<!たら)(?<!と)(?:良|よ)(?:い$|いです|かった|くて|くなった)|気に入|(?:使い|見|読み|分かり|わかり)やす"
    r"|安心(?!し?て?でき(?:ない|ず))|感謝|快適|便利(?:だ|です|$)|評判|[早速]い$|楽(?:に|だ|です)|問題(?:ない|なし|ありません)"
    r"|\b(?:okay|ok|fine|good|great|nice(?:ly)?|lov(?:e|es|ed|ely)"
    r"|(?:i|we|they|staff) (?:really )?likes?|happy|pleased|glad|helpful|friendly|excellent"
    r"|awesome|amazing|perfect(?:ly)?|easy|best|brilliant|works? well|thanks?"
    r"|well (?:made|done))\b",
    re.IGNORECASE,
)


def tells_problem(line: str) -> bool:
    return bool(_PROBLEM.search(line))


def tells_fine(line: str) -> bool:
    return bool(_FINE.search(line))


def praised(texts: Sequence[str]) -> bool:
    """Whether more of the ``texts`` only praise than tell a problem."""
    told = [tells_problem(text) for text in texts]
    fine = [tells_fine(text) for text in texts]
    only = sum(f and not p for f, p in zip(fine, told, strict=True))
    return only > sum(told)
