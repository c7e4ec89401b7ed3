"""Cards, bank accounts and numbers of persons: by check digit, or by the word beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vocloop.intake.redact import checks
from vocloop.intake.redact.spans import HYPHEN, Kind, Span

# How far before a number the word that explains it is looked for.
_BEFORE = 24
_DIGIT_GROUPS = re.compile(
    rf"(?<![\dA-Za-z.,/_])(?<![A-Za-z0-9]-)\d(?:[ ]?{HYPHEN}?[ ]?\d){{8,18}}(?![\dA-Za-z_]|[-.]\d)"
)
_NOT_DIGITS = re.compile(r"\D")

# Beside one of these a number is a thing's, whatever its check digit says.
OF_A_THING = re.compile(
    r"(?:orders?|tickets?|cases?|invoices?|tracking|shipment|parcel|parts?|serial|sku|isbn"
    r"|issn|imei|jan|ean|upc"
    r"|builds?|versions?|revision|transactions?|reference|ref|request|errors?|codes?"
    r"|models?|products?|bugs?"
    r"|commit|receipt|booking|reservation|policy|contract|po|s/n|timestamp|id"
    r"|注文|受注|発注|伝票|追跡|問い?合わ?せ|お問合せ|送り状|請求|契約|会員|部品|製造|製品"
    r"|商品|品番|型番|型式|車台|シリアル|管理"
    r"|予約|受付|整理|エラー|コード|チケット|取引|法人|登録|案件|申請|見積|レシート)"
    r"\s?(?:番号|numbers?|no|nos|nr|id|コード)?\s?(?:is|was|of|は|が|の|:|#|\.|=|,|\(|「"
    r"|『|№)*\s*$",
    re.IGNORECASE,
)
_CARD_WORD = re.compile(
    r"card(?: (?:number|no|nr))?|visa|master ?card|amex|american express|jcb|diners|discover"
    r"|カード(?:番号)?|クレカ",
    re.IGNORECASE,
)
_ID_WORD = re.compile(
    r"my ?number|マイナンバー|個人番号|aadhaa?r|社会保障番号|social security|\bssn\b"
    r"|\bsin\b|\bnhs\b|\bcpf\b"
    r"|免許証?(?:の|番号)*|driv(?:er|ing)(?:'?s)? licen[cs]e|年金番号|年金手帳"
    r"|被保険者(?:証)?(?:の)?(?:記号)?(?:番号)?"
    r"|保険証(?:の)?(?:記号)?(?:番号)?|national (?:id|insurance)|\bnino\b|tax ?(?:id"
    r"|payer)|住民票コード"
    r"|resident (?:id|registration)|身份证|주민",
    re.IGNORECASE,
)
_BANK_WORD = re.compile(
    r"口座(?:番号)?|口番|預金|普通(?:預金)?|当座(?:預金)?|貯蓄(?:預金)?|記号|振込先"
    r"|bank account|account (?:number|no|nr)"
    r"|acct\.?|a/c(?: no)?|routing(?: number)?|sort code|\baba\b|checking|savings",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"(?:口座(?:番号)?|口番|普通(?:預金|口座)?|当座(?:預金|口座)?|貯蓄(?:預金|口座)?|\((?:普|当)\))"
    r"(?:番号)?\s?(?:は|が|の|:|/|、|,|\s|No\.?|\))*\s?(?P<number>\d{3}[ -]?\d{3,5})(?!\d"
    r"|[-/年月日件円人個回%]|万円)"
    r"|記号\s?:?\s?(?P<sign>\d{4,5}(?:-\d)?)\s?[、,/-]?\s?番号\s?:?\s?(?P<post>\d{6,8})"
    r"|(?:銀行|信用金庫|信金|信用組合|農協|バンク|支店|本店"
    r"|出張所)\s?\(?(?:\d{3}\)?)?\s?(?P<bare>\d{7})(?!\d|[-/年月日件円人個回])"
)
_POST_OFFICE = re.compile(r"(?:ゆうちょ|郵貯|郵便局)[^0-9\n]{0,8}(?P<number>\d{5}-\d{6,8})")
_ACCOUNT_EN = re.compile(
    r"(?:(?:bank |checking |savings |my |current )?(?:account|acct)\.? ?(?:number|no\.?"
    r"|nr\.?|#)|a/c(?: no\.?)?"
    r"|(?:bank|checking|savings) account|\baccount(?= \d{8})|routing(?: number| no\.?)?"
    r"|sort code|\biban\b)"
    r"\s?(?:is|:|=|#|ending in|,)*\s?(?P<number>\d[\d -]{4,18}\d)",
    re.IGNORECASE,
)
_HOLDER = re.compile(
    r"(?:口座)?名義人?\s?(?:は|が|:|/|、|\s)*\s?(?P<name>[ァ-ヶー]{2,8}[ ]?[ァ-ヶー]{0,8}"
    r"|[一-龥々]{1,4}[ ]?[一-龥々ぁ-ん]{0,4})"
    r"(?=で|です|に|様|、|。|\)|$|\n| )"
)
_HOLDER_BEHIND = re.compile(
    r"(?:普通|当座|口座番号)[^\n。]{0,12}?\d{7}[ 、,(]{1,2}(?P<name>[ァ-ヶー]{2,6}["
    r" ][ァ-ヶー]{2,6})"
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?"
)
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    # (shape, check of it without separators): distinctive enough without a word beside.
    (re.compile(r"(?<![A-Za-z0-9_-])\d{3}-\d{2}-\d{4}(?![A-Za-z0-9_-])"), checks.social_security),
    (re.compile(r"(?<![A-Za-z0-9_-])\d{6}-[1-8]\d{6}(?![A-Za-z0-9_-])"), checks.resident_kr),
    (
        re.compile(r"(?<![A-Za-z0-9_])\d{17}[\dXx](?![A-Za-z0-9_])"),
        lambda text: checks.resident_cn(text.upper()),
    ),
    (re.compile(r"(?<![A-Za-z0-9_.])\d{3}\.\d{3}\.\d{3}-\d{2}(?![A-Za-z0-9_])"), checks.cpf),
    (
        re.compile(r"(?<![A-Za-z0-9_-])(?:[XYZ]\d{7}|\d{8})-?[A-HJ-NP-TV-Z](?![A-Za-z0-9_-])"),
        checks.dni,
    ),
    # National Insurance number (GB), 在留カード番号 (JP): letters round digits in a fixed number.
    (
        re.compile(
            r"(?<![A-Za-z0-9_])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2}"
            r" ?[A-D](?![A-Za-z0-9_])"
        ),
        lambda _: True,
    ),
    (re.compile(r"(?<![A-Za-z0-9_])[A-Z]{2}\d{8}[A-Z]{2}(?![A-Za-z0-9_])"), lambda _: True),
)
_LETTER_ID = re.compile(
    r"(?:旅券|パスポート|passport|在留カード|visa (?:number|no))\s?(?:番号|numbers?|no\.?)?"
    r"\s?(?:is|は|が|:|=|#)*\s?(?P<number>[A-Z]{1,2}\d{6,8}|\d{9}[A-Z]?)(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_WORDED_ID = re.compile(
    rf"(?:{_ID_WORD.pattern})\s?(?:番号|numbers?|no\.?)?\s?(?:is|は|が|の|:|=|#|,)*\s?"
    rf"(?P<number>[A-Z]{{0,5}}\d(?:[ ]?{HYPHEN}?\d){{5,15}})",
    re.IGNORECASE,
)


def find_numbers(text: str) -> Iterator[Span]:
    """Spans in ``text`` (folded, as spans.fold does)."""
    yield from _named(_ACCOUNT, text, Kind.BANK)
    yield from _named(_POST_OFFICE, text, Kind.BANK)
    yield from _named(_ACCOUNT_EN, text, Kind.BANK)
    yield from _named(_WORDED_ID, text, Kind.ID)
    yield from _named(_LETTER_ID, text, Kind.ID)
    for pattern in (_HOLDER, _HOLDER_BEHIND):
        for match in pattern.finditer(text):
            yield Span(*match.span("name"), Kind.PERSON)
    for shape, check in _SHAPES:
        for match in shape.finditer(text):
            if check(re.sub(r"[ .-]", "", match[0])):
                yield Span(*match.span(), Kind.ID)
    for match in _IBAN.finditer(text):
        end = _iban_end(match[0])
        if end:
            yield Span(match.start(), match.start() + end, Kind.BANK)
    for match in _DIGIT_GROUPS.finditer(text):
        kind = _kind(text, match)
        if kind:
            yield Span(*match.span(), kind)


def of_a_thing(text: str, start: int) -> bool:
    """Whether the words before ``start`` say that the number is an order's, a part's …"""
    before = text[max(0, start - _BEFORE) : start]
    return before.endswith(("#", "№", "#-")) or OF_A_THING.search(before) is not None


def _named(pattern: re.Pattern[str], text: str, kind: Kind) -> Iterator[Span]:
    for match in pattern.finditer(text):
        for name, value in match.groupdict().items():
            if value:
                yield Span(*match.span(name), kind)


def _iban_end(text: str) -> int:
    """How much of ``text`` is an IBAN: the words after it may look like a part of it."""
    for end in range(len(text), 14, -1):
        if text[end - 1] != " " and checks.iban(text[:end].replace(" ", "").upper()):
            return end
    return 0


def _kind(text: str, match: re.Match[str]) -> Kind | None:
    digits = _NOT_DIGITS.sub("", match[0])
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    if _CARD_WORD.search(before) and len(digits) >= 13:
        return Kind.CARD  # also with a digit mistyped
    if _ID_WORD.search(before) and 9 <= len(digits) <= 13:
        return Kind.ID
    if _BANK_WORD.search(before) and (checks.routing(digits) or "routing" in before.lower()):
        return Kind.BANK
    if of_a_thing(text, match.start()):
        return None
    if _is_card(digits):
        return Kind.CARD
    return Kind.ID if _is_person(match[0], digits) else None


def _is_person(written: str, digits: str) -> bool:
    """A My Number, or an Aadhaar number in its usual groups."""
    if len(digits) != 12 or not _grouped(written, (4, 4, 4)):
        return False
    return checks.my_number(digits) or (" " in written and checks.aadhaar(digits))


def _is_card(digits: str) -> bool:
    """By the issuer's first digits (ISO/IEC 7812), its lengths, and the check digit."""
    first, two, four = digits[0], int(digits[:2]), int(digits[:4])
    lengths: tuple[int, ...] = ()
    if first == "4":
        lengths = (13, 16, 19)
    elif 51 <= two <= 55 or 2221 <= four <= 2720 or two == 35:
        lengths = (16,)
    elif two in {34, 37}:
        lengths = (15,)
    elif two in {30, 36, 38}:
        lengths = (14, 16)
    elif first == "6":
        lengths = (16, 17, 18, 19)
    return len(digits) in lengths and len(set(digits)) > 1 and checks.luhn(digits)


def _grouped(written: str, sizes: tuple[int, ...]) -> bool:
    """Whether the digits are in one piece or in groups of ``sizes``."""
    groups = tuple(len(group) for group in re.split(rf"[ ]|{HYPHEN}", written) if group)
    return groups in {sizes, (sum(sizes),)}
