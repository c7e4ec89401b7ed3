"""Where people live: postal codes and addresses of Japan, and of countries that write in Latin
letters. A prefecture or a city alone names no one and stays: it may be what the voice is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vocloop.intake.redact.spans import Kind, Span

_PREFECTURES = (
    "北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県"
    "|東京都|神奈川県|新潟県|富山県|石川県|福井県|山梨県"
    "|長野県|岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県|和歌山県"
    "|鳥取県|島根県|岡山県|広島県|山口県|徳島県|香川県|愛媛県"
    "|高知県|福岡県|佐賀県|長崎県|熊本県|大分県|宮崎県|鹿児島県|沖縄県"
)
_DIGIT = "[0-9〇一二三四五六七八九十百]"
_KANJI = "一-龥々〆ヶヵケノツ"
# Municipalities with kana in their names; a particle before a city must not be taken for a part.
_KANA_CITY = (
    "つくばみらい|つくば|さいたま|いわき|ひたちなか|かすみがうら|みどり|みなかみ|ふじみ野"
    "|いすみ|あきる野|あわら|あま|いなべ|いちき串木野|うきは|うるま"
    "|えびの|おいらせ|おおい|かほく|かつらぎ|きのかわ|さくら|さぬき|せたな|たつの|つがる"
    "|つるぎ|とおの|ときがわ|なめがた|にかほ|ニセコ|のと|はつかいち"
    "|ひがし|まんのう|みやき|みやこ|みやま|みよし|みなべ|むかわ|むつ|ゆうすい|南アルプス"
    "|南あわじ|東かがわ|東みよし"
)
# 渋谷区, 横浜市西区, 西多摩郡瑞穂町: at most three steps.
_CITY = rf"(?:(?:[{_KANJI}]{{1,7}}?|{_KANA_CITY})(?:市|区|郡|町|村)[ ]?){{1,3}}"
_TOWN = rf"(?:(?![でにはがをのとへもや])(?:大字|字)?[{_KANJI}ぁ-んァ-ヴー]{{0,14}}?)"
# 1-2-3, 1丁目2番3号, 一丁目二番地三, 488番地, 1条西2丁目
_COUNTER = (
    r"(?![0-9]|[件人回日月年時分秒個円%台名本枚度倍割階F店]|ヶ月|か月|カ月|週|万|千円|つ|GB|MB"
    r"|kg|cm)"
)
_LOT = (
    rf"(?:{_DIGIT}{{1,4}}[ ]?(?:丁目|番地の?|番町|番|号|条(?:東|西|南"
    rf"|北)?)[ ]?[-ー]?[ ]?)+(?:{_DIGIT}{{1,4}}(?:[-ー]{_DIGIT}{{1,4}}){{0,2}}[ ]?号?)?"
    rf"(?:[-ー]?{_DIGIT}{{1,4}})?"
    rf"|[0-9]{{1,4}}(?:[ ]?[-ーの][ ]?[0-9]{{1,4}}){{1,3}}{_COUNTER}(?:[ ]?号)?"
)
_PLAIN_LOT = rf"{_LOT}|[0-9]{{1,5}}{_COUNTER}(?:番地|番|号)?"
_BUILDING = (
    r"(?:[ ]?[^\s、。,.()「」はがをにで]{1,16}?[0-9]{1,3}(?:階|F)"
    r"|[ ]?[^\s、。,.()「」]{1,20}?(?:ビルディング|ビル|マンション|タワー|ハイツ|コーポ|荘"
    r"|アパート|レジデンス|プラザ|ハウス|メゾン|パレス|ヒルズ"
    r"|テラス|コート|号館|棟"
    r"|団地)[^\s、。,.()「」0-9に]{0,8})?(?:[ ]?[A-Z]?[0-9]{1,4}[ ]?(?:号室|号|階|F|室)"
    r"|[ ]?[A-Z]?-?[0-9]{3,4}(?![0-9年月日件円]))?"
)
_JA = re.compile(
    rf"(?:(?:〒?[ ]?[0-9]{{3}}[ ]?[-ー][ ]?[0-9]{{4}}|〒[0-9]{{7}})\s{{0,3}})?"
    rf"(?:(?:{_PREFECTURES})[ ]?{_CITY}{_TOWN}[ ]?(?:{_PLAIN_LOT})"
    rf"|(?<![{_KANJI}]){_CITY}{_TOWN}[ ]?(?:{_LOT})){_BUILDING}"
)
_LOT_HINT = re.compile(rf"(?:市|区|町|村|郡).{{0,24}}?(?:[0-9]|{_DIGIT}丁目|番地)")
_POSTCODE = re.compile(
    r"〒[ ]?[0-9]{3}[ ]?[-ー]?[ ]?[0-9]{4}(?![0-9])"
    r"|(?:郵便番号|postal code|zip(?: code)?)[ ]?(?:は|が|is"
    r"|:)*[ ]?(?P<code>[0-9]{3}[-ー]?[0-9]{4}|[0-9]{5}(?:-[0-9]{4})?)(?![0-9])"
    rf"|(?<![0-9A-Za-z-])[0-9]{{3}}[-ー][0-9]{{4}}(?=\s{{0,3}}(?:{_PREFECTURES}"
    rf"|[{_KANJI}]{{1,5}}[市区郡]))",
    re.IGNORECASE,
)

_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place"
    r"|Pl|Square|Sq|Terrace"
    r"|Close|Crescent|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Gardens|Grove|Mews|Row|Walk|Hill)"
)
_STATE = (
    r"A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI"
    r"|S[CD]|T[NX]|UT|V[AT]"
    r"|W[AIVY]"
)
_UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}"
_ROOM = r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|#)\.? ?#?\w{1,6}"
_FLAT = rf"(?:(?: (?:NE|NW|SE|SW|[NSEW]))?,? ?{_ROOM}| (?:NE|NW|SE|SW|[NSEW])\b)"
_TAIL = (
    rf"(?:,? (?:[A-Z][\w'.-]+ ?){{1,3}},? (?:(?:{_STATE}),? \d{{5}}(?:-\d{{4}})?"
    rf"|{_UK_POSTCODE}|[A-Z]\d[A-Z] ?\d[A-Z]\d))"
)
_EN = re.compile(
    rf"(?<![\w#.-])(?:{_ROOM},? )?\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})? (?:(?:N|S|E|W|NE|NW|SE"
    rf"|SW|North|South|East|West)\.? )?"
    rf"(?:[A-Z][\w'.-]*|\d{{1,3}}(?:st|nd|rd"
    rf"|th)) (?:[A-Z][\w'.-]* ){{0,3}}?{_STREET}\b\.?{_FLAT}?{_TAIL}?"
    rf"|(?<![\w#.-])\d{{1,5}} \d{{1,3}}(?:st|nd|rd|th) {_STREET}\b\.?{_FLAT}?{_TAIL}?"
    r"|\bP\.?O\.? ?Box \d{1,6}"
)
_EN_PLACES = re.compile(
    rf"(?<![A-Za-z0-9_]){_UK_POSTCODE}(?![A-Za-z0-9_])"
    rf"|(?<=, )(?:{_STATE}) \d{{5}}(?:-\d{{4}})?(?!\d)"
    r"|(?<![A-Za-z0-9_])[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d(?![A-Za-z0-9_])"
)
_EUROPE = re.compile(
    r"(?<![A-Za-z0-9])[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|damm"
    r"|ufer) \d{1,4}[a-z]?"
    r"(?:,? (?:[A-Z]-)?\d{4,5} [A-ZÄÖÜ][\wäöüß-]+)?"
    r"|(?<![A-Za-z0-9])\d{1,4}(?: bis)?,? (?:rue|avenue|boulevard|place|chemin|impasse|via|calle) "
    r"(?:(?:de|du|des|la|le|les|del) ){0,2}[A-ZÀ-Þ][\wà-ÿ'-]+(?:,? \d{5} [A-ZÀ-Þ][\wà-ÿ-]+)?"
)
_ROMAJI = re.compile(
    r"(?<![\w-])\d{1,4}(?:-\d{1,4}){1,3},? [A-Z][a-z]+(?:[ -]?[A-Za-z][a-z]+){0,3}(?:,?"
    r" [A-Z][a-z]+(?:-(?:ku|shi|cho|machi|gun|to|fu|ken))?){1,4}"
    r"(?:,? \d{3}-\d{4})?"
)
_ROMAJI_PLACE = re.compile(
    r"-(?:ku|shi|cho|machi|gun|to|fu|ken)\b|Tokyo|Osaka|Kyoto|Japan|Yokohama|Nagoya"
    r"|Sapporo|Fukuoka|\d{3}-\d{4}$"
)


_EN_HINT = re.compile(
    r"\d[A-Za-z0-9-]{0,5}[, ]{1,2}(?:[A-Z]|\d+(?:st|nd|rd|th)|rue|av|bou|pla|che|imp|via|cal)"
    r"|[A-Z]\d|Box \d|[A-Z]{2} \d{5}|\d bis"
    r"|(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|damm|ufer) \d"
)
_CODE_HINT = re.compile(r"〒|郵便|\d{3}[-ー]\d{4}|postal|zip", re.IGNORECASE)


def find_addresses(text: str) -> Iterator[Span]:
    """Spans in ``text`` (folded, as spans.fold does)."""
    if not text.isascii():
        yield from _japanese(text)
    if _CODE_HINT.search(text):
        for match in _POSTCODE.finditer(text):
            yield Span(*match.span("code" if match["code"] else 0), Kind.ADDRESS)
    if not _EN_HINT.search(text):
        return
    for pattern in (_EN, _EN_PLACES, _EUROPE):
        for match in pattern.finditer(text):
            yield Span(*match.span(), Kind.ADDRESS)
    for match in _ROMAJI.finditer(text):
        if _ROMAJI_PLACE.search(match[0]):
            yield Span(*match.span(), Kind.ADDRESS)


def _japanese(text: str) -> Iterator[Span]:
    if not _LOT_HINT.search(text):
        return
    for match in _JA.finditer(text):
        yield Span(*match.span(), Kind.ADDRESS)
