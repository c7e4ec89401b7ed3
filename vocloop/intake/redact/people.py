"""Names of people: those that the record tells, those that people are called or call themselves by,
those under a mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from vocloop.intake.redact.spans import Kind, Span
from vocloop.intake.signature import without_signature


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One writes "田中太郎" or "田中 太郎"; longer ones are companies and sentences.
_LONGEST_NAME = 60
_LONGEST_FAMILY = 5
_HAN = "一-龥々ヶ"
_TITLES = (
    "様|さま|さん|サン|氏|殿|先生|君|くん|ちゃん|部長|課長|係長|社長|会長|専務|常務|主任"
    "|店長|次長|室長|所長|工場長|支店長|院長|教授|リーダー"
    "|マネージャー|マネジャー"
)
# Before a name may stand whose it is: 経理部の田中様, 株式会社ミナモ営業部田中様.
_BELONGS = "部課室係社所店院校局班長当員者人医師様の、。"
_HONOURED = re.compile(rf"(?P<run>[{_HAN}]{{1,8}}(?:[ ]?[{_HAN}ぁ-ん]{{1,4}})?)[ ]?(?:{_TITLES})")
_SELF_JA = re.compile(
    rf"(?:^|[のはがで、。\s　])(?P<run>[{_HAN}]{{1,4}}[ ]?[{_HAN}ぁ-ん]{{0,4}}"
    rf"|[ァ-ヶー]{{2,8}}(?:[ ・][ァ-ヶー]{{2,8}})?)(?:と申し|(?P<plain>と(?:いい"
    rf"|言い)ます))"
)
_KATAKANA = re.compile(
    r"(?<![ァ-ヶー])(?P<run>[ァ-ヶー]{2,6}(?:[ ・][ァ-ヶー]{2,6})?)[ ]?(?:様|さま|さん|氏|殿)"
)
_OURS = re.compile(
    rf"(?:担当者?|弊社|当社|御社|営業|経理|総務|人事|情シス|部"
    rf"|課)の(?P<run>[{_HAN}]{{1,3}})(?=[よかがにへとはも、まで])"
)
_SELF_IS = re.compile(
    rf"(?:^|[の、。\s])(?P<run>[{_HAN}]{{1,4}}[ ]?[{_HAN}ぁ-ん]{{0,4}}?)(?:です"
    rf"|でございます)(?=[。、.\n]|$)"
)
_LABELLED_JA = re.compile(
    r"(?:氏名|お名前|名前|お客様名|ご担当者?名?|担当者名?|依頼者|申請者|記入者|回答者名"
    r"|代表者名?|契約者名?|連絡者|患者名|受取人|宛名|フリガナ|ふりがな|カナ氏名)"
    rf"(?:[ ]?[:/][ ]?|は、?|[ ])(?P<run>[{_HAN}]{{1,4}}[ ]?[{_HAN}ぁ-んァ-ヶー]{{0,6}}"
    rf"|[ァ-ヶー]{{2,8}}[ ]?[ァ-ヶー]{{0,8}}|[A-Z][a-z]+(?: [A-Z][a-z]+)+)"
    r"(?=様|さん|氏|です|で|と|、|。|,|\s|$|\(|/)"
)
_WORD = r"(?:[A-Z]['’])?[A-Z][a-zà-öø-ÿ]+(?:['’-][A-Z][a-z]+)?(?![A-Za-z_])"
_NAME = (
    rf"(?:[A-Z]\. ?){{0,2}}{_WORD}(?: (?:[A-Z]\.|(?:van|de|der|den|von|bin|al)(?![a-z])"
    rf"|{_WORD})){{0,3}}"
)
_HONOURED_EN = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir)\.? (?P<run>{_NAME})")
_SAN = re.compile(r"\b(?P<run>[A-Z][a-z]+)(?:-| )(?:san|sama|sensei)\b")
_SELF_EN = re.compile(
    rf"(?:[Mm]y (?:full |legal )?name(?: is|'s|:)|[Tt]his is|[Ii]t(?:'s| is)|I am|I'm"
    rf"|[Nn]ame ?:|[Cc]ustomer ?:|[Cc]ontact(?: person)? ?:|[Ss]poke (?:to|with)"
    rf"|[Ss]peak(?:ing)? (?:to|with)|[Tt]alk(?:ed|ing)? (?:to|with)|[Cc]all(?:ed)? me"
    rf"|[Aa]sk for|[Aa]ttn\.?:?|c/o|\bnamed|[Aa]gent(?: called)?|[Cc]olleague,?"
    rf"|[Rr]epresentative|[Mm]anager,?|[Ss]igned,?|[Rr]equester ?:|[Ff]rom ?:"
    rf"|[Rr]eported by:?|[Ss]ubmitted by:?|[Pp]atient ?:?|[Aa]ccount holder:?"
    rf"|[Nn]ame on (?:the )?card:?(?: is)?)"
    rf" (?P<run>{_NAME})"
)
# Only a name takes these words behind it.
_SELF_SHORT = re.compile(
    rf"(?:[Tt]his is|[Ii]t's|I am|I'm) (?P<run>{_WORD}(?: {_WORD})?)(?= (?:from|at|with"
    rf"|of) [A-Z]| here\b|, (?:the|a|an) )"
)
_NAME_IS = re.compile(
    r"name(?: is|'s)|[Cc]all(?:ed)? me|[Nn]ame ?:|[Nn]ame on|named|[Cc]olleague|[Aa]gent"
    r"|[Rr]epresentative|[Aa]sk for"
)
_GREETED = re.compile(
    rf"(?:^|\n)[ ]*(?:Dear|Hi|Hello|Hey|Good (?:morning|afternoon|evening)|Thanks"
    rf"|Thank you)[ ,]+(?P<run>{_WORD}(?: {_WORD}){{0,2}})[ ]?(?:[,!.:;-]|\n|$)"
)
_SPEAKER = re.compile(
    rf"(?:^|\n)[ ]*[\[【(]?(?P<run>[{_HAN}]{{1,4}}[ ]?[{_HAN}]{{0,3}}"
    rf"|{_WORD}(?: {_WORD})?)[\]】)]?[ ]?:(?!//)"
)
# Looked for at every word: the name may begin with the second of three capitals.
_TWO_WORDS = re.compile(
    r"(?<![A-Za-z0-9_.'-])(?=(?P<run>[A-Z][a-z]+ "
    rf"(?:[A-Z]\. )?{_WORD}(?: {_WORD})?)(?![A-Za-z0-9_]))[A-Z]"
)
_FROM = re.compile(r"(?<![A-Za-z])(?P<run>[A-Z][a-z]+) (?:from|in|of) (?=[a-zA-Z])")
_CLOSED = re.compile(
    rf"(?i:regards|sincerely|thanks|thank you|cheers|best(?: wishes)?|yours|truly"
    rf"|faithfully|cordially|rgds|敬具|草々"
    rf"|以上)[ ]?[,.!。、-]?[ ]*\n\s*(?P<run>[{_HAN}]{{1,4}}[ ]?[{_HAN}ぁ-んァ-ヶ]{{0,5}}"
    rf"|{_NAME})[ ]*(?=\n|$|[,|/(（-])"
)
_SIGNED_JA = re.compile(
    rf"(?:^|[ /・:部課室係長])(?P<run>[{_HAN}]{{1,4}}[ ]?[{_HAN}ぁ-ん]{{1,4}})(?=$|[ (/<,])"
)
_ONLY_NAME = re.compile(rf"{_NAME}[ ,]*")
_IS_JAPANESE = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_IS_NAME = re.compile(r"[^\W\d_][^\d@_/\\|<>{}\[\]]*", re.UNICODE)

# Texts without any of these hold no name that could be told; most texts are such.
_JAPANESE_HINT = re.compile(
    "様|さ[まん]|サン|氏|殿|先生|[くち][んゃ]|君|[部課係社会店次室所院場]長|専務|常務|主任"
    "|教授|リーダー|マネー?ジャー|申し|です[。、.\n]|です$"
    "|でございます|[いと言]いま|名|担当者?[ :/はの]|[社業理務事部課]の|依頼者|申請者"
    "|記入者|受取人|フリガナ"
    "|ふりがな|[郎子美太一介輔也樹人希菜奈香衣花織恵](?![ァ-ヶ])"
)
_LATIN_HINT = re.compile(
    r"[A-Z][a-zà-ÿ]+ (?:[A-Z]\. )?[A-Z][a-zà-ÿ']|(?:M(?:rs?|s|iss|x)|Dr|Prof|Sir)\b"
    r"|[a-z][- ](?:san|sama|sensei)\b|[Nn]ame|[Tt]his is |[Ii]t's |I am |I'm "
    r"|Dear|H(?:i|ello|ey)\b|Good |Thank"
    r"|regards|Regards|incerely|Best|Thanks|heers|敬具|以上|[Ss]p(?:oke|eak)|[Tt]alk"
    r"|[Cc]all"
    r"|[Aa]sk for|[Aa]ttn|c/o|gent|olleague|epresentative|anager|igned|[Bb]y |[Ff]rom |older|atient"
)

# Words that stand where names do, and are none.
NO_NAMES = _words(
    "team support sir madam all everyone customer customers service services help desk"
    " helpdesk user users admin there folks guys staff manager sales hr it technical tech"
    " engineering product security office office365 word excel access sql windows teams"
    " outlook account billing operations development department group the a an in on of for"
    " you your we our not no yes very just so also still now here how what when where why who"
    " this that these those it is interviewer interviewee moderator agent speaker question"
    " answer client caller respondent participant host guest operator error warning note"
    " subject date time from to cc sent re fw update summary status priority version issue"
    " problem bug feature request world developers devs community friends kind warm many yours"
    " sincerely folks good great best thanks regards hello hi dear hey valued representative"
    " system administrator unknown anonymous monday tuesday wednesday thursday friday saturday"
    " sunday january february march april may june july august september october november"
    " december english japanese german french spanish chinese american microsoft google apple"
    " amazon adobe oracle salesforce zendesk slack zoom linux python java javascript react"
    " angular wordpress magento drupal visual studio spring hibernate ajax bash haskell matlab"
    " scala cocoa sharepoint linq svn apache qt mac osx android iphone if after before since"
    " while once but and or please can could would will should do does did have has had i my"
    " サポート 担当 担当者 管理者 お客様 利用者 総務 経理 営業 人事 名無し 匿名 回答者 店長"
    " 質問 回答 司会 答 問 注 例 件名 日時 場所 目的 概要 原因 対応 結果 現象 備考 連絡先 住所"
    " 電話 氏名 会社名 部署 症状 環境 手順 内容 詳細 結論 理由 要望 意見 感想 質問者 相談員"
)
# In a line with one of these stands a post or an organisation.
ORGANISATIONS = _words(
    "coordinator analyst administrator officer specialist engineer assistant director"
    " developer consultant technician president secretary lead head executive supervisor"
    " accountant architect intern commission parliament agency committee council court bank"
    " university institute hospital company corporation corp inc ltd llc gmbh department"
    " division unit office center centre services solutions software systems group collection"
    " mortgage insurance university school cordialement atentamente atenciosamente saludos"
    " grüßen grüße bonjour hallo hola administration project business"
)
# Not people although one says 様, さん or 氏 to them.
_NO_HONOURED = _words(
    "皆 客 奥 神 王 仏 同 有 模 多 異 仕 各 貴 御社 貴社 両 諸 某 彼 父 母 兄 姉 娘 息子 嫁"
    " 旦那 主人 業者 店員 係員 担当 社員 職員 店 会社 先方 大家 患者 利用者 受付 隣 本 子供 子"
    " 赤 若者 女性 男性 宿 館 板 運転手 医者 看護師 女将 仲居 駅員 警察 郵便屋 本屋 花屋 魚屋"
    " 八百屋 肉屋 パン屋 新 旧 前 次 当 該 別 他 人 何 誰 方 一 二 三 外 中 上 下"
)


def find_people(text: str, known: Iterable[str]) -> Iterator[Span]:
    """Spans in ``text`` (folded, as spans.fold does); ``known`` are names, folded too, that the
    record tells."""
    for name in known:
        yield from _known(text, name)
    if _JAPANESE_HINT.search(text):
        yield from _japanese(text)
    if ":" in text or _LATIN_HINT.search(text):
        yield from _latin(text)
    if "\n" in text:
        yield from _signed(text)


@lru_cache(maxsize=10_000)
def is_name(text: str) -> bool:
    """Whether ``text``, out of a field that may hold a name or an id, is a name."""
    words = text.casefold().split()
    return (
        bool(words)
        and 1 < len(text) <= _LONGEST_NAME
        and _IS_NAME.fullmatch(text) is not None
        and not NO_NAMES.issuperset(words)
        and (_IS_JAPANESE.search(text) is not None or text[0].isupper() or len(words) > 1)
    )


@lru_cache(maxsize=10_000)
def _pattern(name: str) -> re.Pattern[str] | None:
    """``name`` as a whole, however it is spaced, and its parts where they are names alone."""
    if not is_name(name):
        return None
    parts = [part for part in re.split(r"[ ・,]+", name.strip(" ,")) if part]
    if _IS_JAPANESE.search(name):
        plain = "".join(parts)
        choices = [r"[ ・]?".join(map(re.escape, plain))]
        family = parts[0] if len(parts) > 1 else _family(name)
        if family:
            given = parts[1] if len(parts) > 1 else name[len(family) :]
            if len(family) > 1:
                choices.append(rf"(?<![{_HAN}ァ-ヶー]){re.escape(family)}(?![{_HAN}ァ-ヶー])")
            if len(given) > 1:
                choices.append(rf"(?<![{_HAN}ァ-ヶー]){re.escape(given)}(?![{_HAN}ァ-ヶー])")
        # Where the family name ends is often not known; what only people have behind them tells.
        for length in range(min(len(plain), _LONGEST_FAMILY), 0, -1):
            head = re.escape(plain[:length])
            choices.append(
                rf"(?<![{_HAN}]){head}(?=[ ]?(?:{_TITLES}|と申|です|でございます|より|拝|$|\n))"
            )
            choices.append(rf"(?<=[{_BELONGS}]){head}(?=[ ]?(?:{_TITLES}|と申|です|でございます))")
        return re.compile("|".join(choices))
    whole = r"[ ,.]{1,3}".join(map(re.escape, parts))
    turned = r"[ ,.]{1,3}".join(map(re.escape, reversed(parts)))
    choices = [rf"(?i:{whole})", rf"(?i:{turned})"]
    for part in parts:
        if len(part) > 2 and part.casefold() not in NO_NAMES:
            capital = part[:1].upper() + part[1:]
            choices.append(f"(?:{re.escape(capital)}|{re.escape(part.upper())})")
    return re.compile(rf"(?<![A-Za-z0-9_@])(?:{'|'.join(choices)})(?![A-Za-z0-9_])")


def _known(text: str, name: str) -> Iterator[Span]:
    pattern = _pattern(name)
    if pattern is not None:
        for match in pattern.finditer(text):
            yield Span(*match.span(), Kind.PERSON)


def _japanese(text: str) -> Iterator[Span]:
    for match in _HONOURED.finditer(text):
        start, end = match.span("run")
        found = _person(text[start:end])
        if found:
            yield Span(start + found[0], start + found[1], Kind.PERSON)
    for pattern, is_one in (
        (_SELF_JA, _names_itself),
        (_LABELLED_JA, _names_itself),
        (_KATAKANA, _has_family_name),
        (_OURS, _has_family_name),
        (_SELF_IS, _is_known_name),
    ):
        for match in pattern.finditer(text):
            if is_one(match):
                yield Span(*match.span("run"), Kind.PERSON)
    for match in _full_name().finditer(text):
        yield Span(*match.span(), Kind.PERSON)


def _names_itself(match: re.Match[str]) -> bool:
    run = match["run"]
    # 無口といいますか: said of anything, unless it begins like a name.
    if match.groupdict().get("plain") and not _family(run):
        return False
    return run not in NO_NAMES and run not in _NO_HONOURED


def _has_family_name(match: re.Match[str]) -> bool:
    return not _family_names().isdisjoint(re.split("[ ・]", match["run"]))


def _is_known_name(match: re.Match[str]) -> bool:
    run = match["run"]
    family = _family(run)
    return family is not None and run[len(family) :].strip() in {"", *_given_names()}


def _person(run: str) -> tuple[int, int] | None:
    """The name at the end of what stands before an honorific, if there is one."""
    if run in _NO_HONOURED:
        return None
    plain = run.replace(" ", "")
    for start in range(len(run)):
        if start and run[start - 1] not in _BELONGS and run[start - 1] != " ":
            continue
        rest = run[start:]
        family = _family(rest)
        if family and len(rest.replace(" ", "")) <= len(family) + 4:
            given = rest[len(family) :].strip()
            if not given or given in _given_names() or " " in rest or len(given) <= 2:
                return start, len(run)
    return (0, len(run)) if plain in _given_names() and len(plain) > 1 else None


def _family(name: str) -> str | None:
    """The known family name that ``name`` begins with, the longest."""
    names = _family_names()
    return next((name[:n] for n in (3, 2, 1) if name[:n] in names and len(name) >= n), None)


@cache
def _full_name() -> re.Pattern[str]:
    """Family and given name side by side, both of them known."""
    families = "|".join(sorted((n for n in _family_names() if len(n) > 1), key=len, reverse=True))
    given = "|".join(sorted((n for n in _given_names() if len(n) > 1), key=len, reverse=True))
    return re.compile(rf"(?:{families})[ ]?(?:{given})(?![{_HAN}])")


@cache
def _family_names() -> frozenset[str]:
    return frozenset(listed("surnames.txt"))


@cache
def _given_names() -> frozenset[str]:
    return frozenset(listed("given.txt"))


@cache
def _english_names() -> frozenset[str]:
    return frozenset(listed("english.txt"))


def listed(name: str) -> list[str]:
    written = (files("vocloop.intake.redact") / name).read_text("utf-8")
    lines = (line for line in written.split("\n") if not line.startswith("#"))
    return [word for line in lines for word in line.split()]


def _latin(text: str) -> Iterator[Span]:
    for pattern in (_HONOURED_EN, _SAN, _SELF_SHORT, _GREETED, _CLOSED):
        for match in pattern.finditer(text):
            yield from _checked(match)
    for match in _SELF_EN.finditer(text):
        words = match["run"].split()
        # "This is Great", "I am Japanese": one word is a name only where a name is announced.
        if len(words) > 1 or _NAME_IS.search(match[0]) or words[0] in _english_names():
            yield from _checked(match)
    for match in _TWO_WORDS.finditer(text):
        if match["run"].split()[0] in _english_names():
            yield from _checked(match)
    for match in _FROM.finditer(text):
        if match["run"] in _english_names():
            yield Span(*match.span("run"), Kind.PERSON)
    for match in _SPEAKER.finditer(text) if ":" in text else ():
        run = match["run"]
        words = run.split()
        if _family(run) in {run, run[:-1], run[:-2], run[:-3]} and run not in NO_NAMES:
            yield Span(*match.span("run"), Kind.PERSON)
        elif words[0] in _english_names():
            yield from _checked(match)


def _checked(match: re.Match[str]) -> Iterator[Span]:
    """The run without words at its end that are no name; nothing if it begins with one."""
    start, end = match.span("run")
    words = match["run"].split(" ")
    if words[0].casefold().strip(".,") in NO_NAMES:
        return
    if any(word.casefold().strip(".,") in ORGANISATIONS for word in words):
        return
    kept = len(words)
    while kept and words[kept - 1].casefold().strip(".,") in NO_NAMES:
        kept -= 1
    end = start + len(" ".join(words[:kept]))
    if end > start:
        yield Span(start, end, Kind.PERSON)


def _signed(text: str) -> Iterator[Span]:
    """Names in the lines below the words."""
    lines = text.split("\n")
    kept: Sequence[str] = without_signature(list(lines), introduced=text[:400], mail=True)
    position = sum(len(line) + 1 for line in lines[: len(kept)])
    named = False  # below the name stand a title and a company
    for line in lines[len(kept) :]:
        plain = line.strip()
        offset = position + (len(line) - len(line.lstrip()))
        words = {word.casefold().strip(",.") for word in plain.split()}
        if not named and _ONLY_NAME.fullmatch(plain) and not words & (NO_NAMES | ORGANISATIONS):
            named = True
            yield Span(offset, offset + len(plain.rstrip(" ,")), Kind.PERSON)
        for match in _SIGNED_JA.finditer(line):
            run = match["run"]
            if _family(run) or " " in run:
                yield Span(position + match.start("run"), position + match.end("run"), Kind.PERSON)
        position += len(line) + 1
