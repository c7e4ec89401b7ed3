"""Personal data planted in sentences of both languages, and sentences that hold none.

Written for this project; every name, number and address is invented. ``cases`` is what the tests
and ``benchmarks/redaction.py`` count recall on, ``CLEAN`` what they count false touches on.
"""

# ruff: noqa: E501 - a sentence is one line

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SEED = 20241105


@dataclass(frozen=True)
class Case:
    """``secrets`` must not be in the redacted text; ``people``: what the record itself tells."""

    kind: str
    text: str
    secrets: tuple[str, ...]
    people: tuple[str, ...] = ()


# Sentences: {} is where the personal data goes.

_SAY_JA = {
    "EMAIL": (
        "返信は{}までお願いします。ログインできません。",
        "メールアドレスを{}に変更したのに通知が古い方に届きます。",
        "({})宛の請求書が二重に送られてきました。",
        "登録しているのは「{}」です。パスワードの再設定メールが来ません。",
        "CSVの取り込みで{}の行だけ文字化けします",
        "連絡先：{}\n帳票の印刷が途中で止まります。",
    ),
    "PHONE": (
        "至急{}までお電話ください。現場が止まっています。",
        "電話番号は{}です。折り返しが一度もありません。",
        "TEL：{} 平日の午後なら出られます。",
        "サポート窓口（{}）が三日間つながりませんでした。",
        "SMSが{}に届かず二段階認証を通れない。",
        "携帯{}に連絡をいただけると助かります。",
    ),
    "ADDRESS": (
        "{}に届くはずの機器がまだ来ません。",
        "配送先は{}です。住所の変更画面で保存できません。",
        "新しい事務所（{}）の回線を開通してください。",
        "住所：{}\n請求書の送付先を直してほしい。",
        "引っ越して{}になりましたが、契約書の住所が古いままです。",
    ),
    "CARD": (
        "カード番号{}で決済すると必ずエラーになります。",
        "{} のカードが二回請求されています。",
        "支払い方法を{}に変えたいのに登録できない。",
    ),
    "MY_NUMBER": (
        "マイナンバー{}を入力すると桁数エラーになります。",
        "年末調整の画面で個人番号（{}）が消えました。",
        "従業員の番号 {} が他の人と入れ替わっている。",
    ),
    "BANK": (
        "返金先は{}です。先月から待っています。",
        "振込口座を{}に変えたいのに保存できません。",
        "引き落としが{}からされていない。",
    ),
    "IP": (
        "{}からの接続だけ拒否されます。",
        "ログに {} が大量に残っていて不安です。",
        "社内のIP（{}）を許可リストに入れてください。",
    ),
    "SECRET": (
        "{} を開くと白い画面になります。",
        "招待リンク {} が期限切れと言われます。",
        "開発者向けの画面で {} が無効と表示される。",
    ),
}
_SAY_EN = {
    "EMAIL": (
        "Please reply to {} because the portal never notifies me.",
        "I changed my login to {}, yet the old one still gets the mail.",
        "The invite for {} bounced twice.",
        "My address ({}) is rejected by the form.",
        "Contact: {}\nThe export stops half way.",
    ),
    "PHONE": (
        "Call me back on {} after lunch, the line keeps dropping.",
        "My number is {} and no one has called in a week.",
        "The SMS code never reaches {}.",
        "Reach me at {}. The dashboard is empty.",
        "Support told me to ring {}, which is always busy.",
    ),
    "ADDRESS": (
        "The replacement should go to {}, but the form cuts it off.",
        "We moved to {} and invoices still go to the old office.",
        "Ship it to {}.",
        "My billing address is {} and checkout refuses it.",
    ),
    "CARD": (
        "I was charged twice on {} last week.",
        "My card {} is declined although there is money on it.",
        "Paying with {} fails at the last step.",
    ),
    "ID": (
        "The tax form shows {} for the wrong employee.",
        "My social security number {} is printed on every page.",
        "Payroll rejects {} as invalid.",
    ),
    "BANK": (
        "Please refund to {}; I have waited a month.",
        "Direct debit from {} failed again.",
        "The payout details ({}) can't be edited.",
    ),
    "IP": (
        "Requests from {} are blocked since Monday.",
        "The audit log shows a login from {} that nobody here knows.",
        "Please allow {} in the firewall rules.",
    ),
    "SECRET": (
        "Opening {} gives a blank page.",
        "The link {} says it has expired.",
        "The console says {} is invalid.",
    ),
}

_WIDE = {ord(c): ord(c) + 0xFEE0 for c in "0123456789()@.+"}
_DASHES = ("-", "‐", "−", "ー", "－", "–", "‑")


def _wide(text: str, draw: random.Random) -> str:
    """In full-width digits, with one of the many dashes."""
    dash = draw.choice(_DASHES)
    return text.translate(_WIDE).replace("-", dash)


def _digits(draw: random.Random, count: int) -> str:
    return "".join(str(draw.randint(0, 9)) for _ in range(count))


# Kinds


def _email(draw: random.Random) -> str:
    user = draw.choice(
        (
            "taro.tanaka", "h_sato", "info-shop", "yamada2024", "j.doe+news", "kenji", "maria.o'neil",
            "x9", "sales_tokyo", "a.b.c", "support.team-7", "no1fan", "m-suzuki", "first.last",
        )
    )  # fmt: skip
    host = draw.choice(
        (
            "example.co.jp", "example.com", "mail.example.org", "ezweb.example.ne.jp", "sub.dept.example.ac.jp",
            "my-company.example", "example.io", "xn--eckwd4c7c.example", "example.de", "EXAMPLE.COM",
        )
    )  # fmt: skip
    plain = f"{user}@{host}"
    style = draw.randint(0, 9)
    if style == 0:
        return plain.translate({ord("@"): "＠"})
    if style == 1:
        return "".join(chr(ord(c) + 0xFEE0) if 0x21 <= ord(c) <= 0x7E else c for c in plain)
    if style == 2 and "'" not in user and "+" not in user:
        return f"{user} (at) {host.replace('.', ' (dot) ')}" if host.endswith("com") else plain
    return plain


def _phone_ja(draw: random.Random) -> str:
    last, middle = _digits(draw, 4), f"{draw.randint(2, 9)}{_digits(draw, 3)}"
    mobile = f"0{draw.choice('789')}0"
    plain = draw.choice(
        (
            f"03-{middle}-{last}",
            f"06-{middle}-{last}",
            f"(03){middle}-{last}",
            f"03({middle}){last}",
            f"045-{middle[:3]}-{last}",
            f"0466-{middle[:2]}-{last}",
            f"{mobile}-{middle}-{last}",
            f"{mobile} {middle} {last}",
            f"{mobile}{middle}{last}",
            f"{mobile}({middle}){last}",
            f"0120-{middle[:3]}-{last[:3]}",
            f"0120({middle[:3]}){last[:3]}",
            f"0570-{middle[:3]}-{last[:3]}",
            f"050-{middle}-{last}",
            f"+81-3-{middle}-{last}",
            f"+81 {mobile[1:]}-{middle}-{last}",
            f"+81{mobile[1:]}{middle}{last}",
            f"(+81){mobile[1:]}-{middle}-{last}",
            f"{mobile}.{middle}.{last}",
        )
    )
    return _wide(plain, draw) if draw.random() < 0.35 else plain


def _phone_en(draw: random.Random) -> str:
    area = draw.choice(("212", "415", "650", "312", "206", "617"))
    middle, last = f"{draw.randint(2, 9)}{_digits(draw, 2)}", _digits(draw, 4)
    return draw.choice(
        (
            f"({area}) {middle}-{last}",
            f"{area}-{middle}-{last}",
            f"{area}.{middle}.{last}",
            f"+1 {area} {middle} {last}",
            f"+1-{area}-{middle}-{last}",
            f"1-800-{middle}-{last}",
            f"+1{area}{middle}{last}",
            f"+44 20 7946 {last}",
            f"020 7946 {last}",
            f"+44 7700 900{last[:3]}",
            f"07700 900{last[:3]}",
            f"+49 30 {_digits(draw, 4)} {last}",
            f"+33 6 12 34 {last[:2]} {last[2:]}",
            f"+65 6{_digits(draw, 3)} {last}",
            f"+91 98{_digits(draw, 3)} {_digits(draw, 5)}",
            f"+86 138 {_digits(draw, 4)} {last}",
            f"0011 44 20 7946 {last}" if draw.random() < 0.1 else f"0044 20 7946 {last}",
            f"+61 412 {_digits(draw, 3)} {_digits(draw, 3)}",
            f"({area}){middle}-{last} ext. {draw.randint(10, 999)}",
        )
    )


_PLACES = (
    ("東京都渋谷区神南", "150-0041"), ("東京都千代田区丸の内", "100-0005"), ("大阪府大阪市北区梅田", "530-0001"),
    ("北海道札幌市中央区北一条西", "060-0001"), ("神奈川県横浜市西区みなとみらい", "220-0012"), ("福岡県福岡市博多区博多駅前", "812-0011"),
    ("愛知県名古屋市中村区名駅", "450-0002"), ("埼玉県さいたま市大宮区桜木町", "330-0854"), ("京都府京都市下京区東塩小路町", "600-8216"),
    ("茨城県つくば市吾妻", "305-0031"), ("長野県北佐久郡軽井沢町大字長倉", "389-0111"), ("沖縄県那覇市おもろまち", "900-0006"),
    ("広島県広島市中区基町", "730-0011"), ("宮城県仙台市青葉区一番町", "980-0811"), ("千葉県市川市八幡", "272-0021"),
    ("渋谷区道玄坂", "150-0043"), ("横浜市港北区新横浜", "222-0033"), ("神戸市中央区三宮町", "650-0021"),
)  # fmt: skip
_HOMES = (
    "",
    "",
    " サンシャインビル5F",
    "コーポ青葉202",
    " メゾン桜 101号室",
    "第二山田ビル3階",
    " 305号室",
)
_KANJI_DIGITS = "〇一二三四五六七八九"


def _address_ja(draw: random.Random) -> str:
    place, code = draw.choice(_PLACES)
    a, b, c = draw.randint(1, 9), draw.randint(1, 29), draw.randint(1, 20)
    lot = draw.choice(
        (
            f"{a}-{b}-{c}", f"{a}-{b}", f"{a}丁目{b}番{c}号", f"{a}丁目{b}-{c}", f"{_KANJI_DIGITS[a]}丁目{b}番地{c}",
            f"{_KANJI_DIGITS[a]}丁目{_KANJI_DIGITS[c % 9 + 1]}番{_KANJI_DIGITS[a]}号", f"{b * 37}番地",
        )
    )  # fmt: skip
    if draw.random() < 0.4:
        lot = _wide(lot, draw)
    head = ""
    style = draw.randint(0, 4)
    if style == 0:
        head = f"〒{code} "
    elif style == 1:
        head = f"〒{_wide(code, draw)}\u3000"
    elif style == 2 and "都" in place[:4]:
        head = f"{code} "
    return f"{head}{place}{lot}{draw.choice(_HOMES)}"


def _address_en(draw: random.Random) -> str:
    number = draw.randint(1, 9999)
    road = draw.choice(
        (
            "Maple Street",
            "Oak Ave",
            "King's Road",
            "Old Mill Lane",
            "N. 5th Street",
            "Sunset Blvd.",
            "Harbour View Drive",
            "Pine Ct",
        )
    )
    tail = draw.choice(
        (
            ", Springfield, IL 62704", ", Apt 4B, New York, NY 10003", ", Suite 200, San Jose, CA 95110-1234", ", London SW1A 1AA",
            ", Manchester M1 1AE", ", Toronto, ON M5V 2T6", "", ", Unit 12",
        )
    )  # fmt: skip
    if draw.random() < 0.15:
        return f"PO Box {number}"
    if draw.random() < 0.15:
        return f"{draw.randint(1, 9)}-{draw.randint(1, 9)}-{draw.randint(1, 20)} Jinnan, Shibuya-ku, Tokyo 150-0041"
    return f"{number} {road}{tail}"


def _luhn(start: str, length: int, draw: random.Random) -> str:
    body = start + _digits(draw, length - 1 - len(start))
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _card(draw: random.Random) -> str:
    start, length = draw.choice(
        (("4", 16), ("51", 16), ("2223", 16), ("37", 15), ("35", 16), ("6011", 16), ("36", 14))
    )
    digits = _luhn(start, length, draw)
    size = (4, 6, 5) if length == 15 else (4, 6, 4) if length == 14 else (4, 4, 4, 4)
    groups, at = [], 0
    for each in size:
        groups.append(digits[at : at + each])
        at += each
    written = draw.choice((digits, " ".join(groups), "-".join(groups)))
    return _wide(written, draw) if draw.random() < 0.25 else written


def _my_number(draw: random.Random) -> str:
    body = _digits(draw, 11)
    total = sum(int(d) * w for d, w in zip(body, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    digits = body + str(0 if total % 11 <= 1 else 11 - total % 11)
    grouped = draw.choice(
        (
            digits,
            f"{digits[:4]} {digits[4:8]} {digits[8:]}",
            f"{digits[:4]}-{digits[4:8]}-{digits[8:]}",
        )
    )
    return _wide(grouped, draw) if draw.random() < 0.3 else grouped


def _id_en(draw: random.Random) -> str:
    return draw.choice(
        (
            f"{draw.randint(100, 665)}-{draw.randint(10, 99)}-{draw.randint(1000, 9999)}",
            f"AB {draw.randint(10, 99)} {draw.randint(10, 99)} {draw.randint(10, 99)} C",
            f"SSN {draw.randint(100, 665)} {draw.randint(10, 99)} {draw.randint(1000, 9999)}",
            f"passport number L{_digits(draw, 8)}",
        )
    )


def _bank_ja(draw: random.Random) -> str:
    number = f"{draw.randint(1, 9)}{_digits(draw, 6)}"
    written = draw.choice(
        (
            f"みなと銀行渋谷支店 普通 {number}", f"青葉信用金庫本店（普）{number}", f"口座番号{number}", f"口座番号：{number}",
            f"ゆうちょ銀行 記号 1{_digits(draw, 4)} 番号 {number}1", f"普通預金 口座番号 {number}", f"大空銀行 本店営業部 当座{number}",
        )
    )  # fmt: skip
    return written.translate(_WIDE) if draw.random() < 0.3 else written


def _bank_en(draw: random.Random) -> str:
    return draw.choice(
        (
            "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR14 2004 1010 0505 0001 3M02 606",
            f"account number {_digits(draw, 8)}", f"Account No. {_digits(draw, 10)}", "routing number 021000021",
            f"sort code 20-{draw.randint(10, 99)}-{draw.randint(10, 99)}",
        )
    )  # fmt: skip


def _ip(draw: random.Random) -> str:
    one = [draw.randint(1, 223), *(draw.randint(0, 255) for _ in range(3))]
    if one[0] == 127:
        one[0] = 128
    return draw.choice(
        (
            ".".join(map(str, one)), ".".join(map(str, one)), f"192.168.{one[1]}.{one[2]}", "2001:db8:85a3::8a2e:370:7334",
            "fe80::1ff:fe23:4567:890a", "2001:0db8:0000:0000:0000:ff00:0042:8329",
        )
    )  # fmt: skip


def _opaque(draw: random.Random, length: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "a1" + "".join(draw.choice(letters) for _ in range(length - 2))


def _secret(draw: random.Random) -> tuple[str, str]:
    token = _opaque(draw, draw.choice((24, 32, 40)))
    jwt = f"eyJ{_opaque(draw, 20)}.eyJ{_opaque(draw, 30)}.{_opaque(draw, 43)}"
    return draw.choice(
        (
            (f"https://app.example.com/reset?token={token}", token),
            (f"https://example.jp/invite/{token}", token),
            (f"https://api.example.com/v1/items?api_key={token}&page=2", token),
            (f"https://user:{token}@git.example.com/repo.git", token),
            (f"https://example.com/cb?code={token[:12]}&lang=ja", token[:12]),
            (jwt, jwt),
            (f"Authorization: Bearer {token}", token),
            (f"sk_live_{token}", token),
            (f"ghp_{token}", token),
            (f"AKIA{token[:16].upper()}", token[:16].upper()),
            (f"password: {token[:9]}!", f"{token[:9]}!"),
        )
    )


# People. The record tells the name; most are in no list.

_FAMILY = (
    "田中",
    "佐藤",
    "鶴見",
    "小鳥遊",
    "四十万",
    "長宗我部",
    "林",
    "辻",
    "東海林",
    "御手洗",
    "五十嵐",
    "久慈",
    "仲宗根",
    "榊",
)
_GIVEN = (
    "太郎",
    "花子",
    "健",
    "美園",
    "さくら",
    "慎之介",
    "ひなた",
    "和",
    "朔太郎",
    "琴音",
    "レオ",
)
_FAMILY_EN = (
    "Smith",
    "O'Neil",
    "Garcia",
    "van Dijk",
    "Okonkwo",
    "Nguyen",
    "Petrov",
    "Tanaka",
    "Kowalski",
    "Haddad",
)
_GIVEN_EN = (
    "John",
    "Siobhan",
    "Maria",
    "Wei",
    "Amina",
    "Taro",
    "Jean-Luc",
    "Priya",
    "Ingrid",
    "Kofi",
)


def _person_ja(draw: random.Random) -> Case:
    family, given = draw.choice(_FAMILY), draw.choice(_GIVEN)
    space = draw.choice(("", " ", "\u3000"))
    told = f"{family}{draw.choice(('', ' '))}{given}"
    whole = f"{family}{space}{given}"
    text, secrets = draw.choice(
        (
            (f"{family}様からのご指摘です。検索が遅い。", (family,)),
            (f"経理部の{family}さんが困っています。出力できません。", (family,)),
            (f"{whole}と申します。ログインできません。", (whole,)),
            (f"検索の結果が出ません。\n\n株式会社ミナモ\n{whole}", (whole,)),
            (f"{whole}：画面が固まります。\n聞き手：いつからですか。", (whole,)),
            (f"担当の{family}です。帳票の金額が合いません。", (family,)),
            (f"依頼者は{whole}で、承認が止まったままです。", (whole,)),
            (f"{family}部長に聞いたところ、毎月同じ不具合が出るそうです。", (family,)),
            (f"氏名：{whole}\n予算の画面が開けません。", (whole,)),
        )
    )
    return Case("PERSON", text, secrets, (told,))


def _person_en(draw: random.Random) -> Case:
    family, given = draw.choice(_FAMILY_EN), draw.choice(_GIVEN_EN)
    whole = f"{given} {family}"
    text, secrets = draw.choice(
        (
            (f"My name is {whole} and the export fails.", (whole, family)),
            (f"The export fails.\n\nBest regards,\n{whole}", (whole, family)),
            (f"{given} told us that the page is blank.", (given,)),
            (f"Mr. {family} can't log in since Monday.", (family,)),
            (f"Hi, this is {given} from accounting. The report is empty.", (given,)),
            (f"{whole}: The screen freezes.\nInterviewer: Since when?", (whole, family)),
            (
                f"I already explained this to {whole.upper()} twice.",
                (whole.upper(), family.upper()),
            ),
            (f"Requester: {family}, {given}\nThe invoice is wrong.", (family,)),
        )
    )
    return Case("PERSON", text, secrets, (whole,))


def _told_by_no_one(draw: random.Random) -> Case:
    """Names that only the words tell, in a shape that says what they are."""
    text, secret = draw.choice(
        (
            ("いつもお世話になっております。株式会社ミナモの高橋です。出力が止まります。", "高橋"),
            ("佐々木様より電話あり。請求が二重とのこと。", "佐々木"),
            ("総務の山本と申します。承認の画面が開きません。", "山本"),
            ("吉田さんが設定した通知が届きません。", "吉田"),
            ("検索が遅いです。\n\nよろしくお願いいたします。\n\n営業部 中村一郎", "中村一郎"),
            ("渡辺健太様のアカウントが消えました。", "渡辺健太"),
            ("My name is Sarah Johnson and I can't log in.", "Sarah Johnson"),
            ("Dear Ms. Carter,\nthe invoice is wrong again.", "Carter"),
            ("The page is blank.\n\nKind regards,\nMichael Chen\nOperations", "Michael Chen"),
            ("I spoke with Jennifer Lopez from your team on Friday.", "Jennifer Lopez"),
            ("Hi Kevin,\nthe search is slow.", "Kevin"),
            ("Dr. Patel's account is locked.", "Patel"),
        )
    )
    return Case("PERSON", text, (secret,))


_MAKERS: dict[str, dict[str, Callable[[random.Random], str]]] = {
    "ja": {
        "EMAIL": _email, "PHONE": _phone_ja, "ADDRESS": _address_ja, "CARD": _card, "MY_NUMBER": _my_number,
        "BANK": _bank_ja, "IP": _ip,
    },
    "en": {
        "EMAIL": _email, "PHONE": _phone_en, "ADDRESS": _address_en, "CARD": _card, "ID": _id_en, "BANK": _bank_en,
        "IP": _ip,
    },
}  # fmt: skip
_SAY = {"ja": _SAY_JA, "en": _SAY_EN}


def cases(each: int = 40, seed: int = _SEED) -> Iterator[Case]:
    """``each`` of every kind and language."""
    draw = random.Random(seed)  # noqa: S311 - invented data
    for language, makers in _MAKERS.items():
        for kind, make in makers.items():
            for _ in range(each):
                planted = make(draw)
                say = draw.choice(_SAY[language][kind])
                yield Case(kind, say.format(planted), (_hidden(planted),))
        for _ in range(each):
            planted, secret = _secret(draw)
            yield Case("SECRET", draw.choice(_SAY[language]["SECRET"]).format(planted), (secret,))
    for make_case in (_person_ja, _person_en):
        for _ in range(each * 2):
            yield make_case(draw)
    for _ in range(each):
        yield _told_by_no_one(draw)


def leaks(case: Case, redacted: Callable[..., str]) -> bool:
    """Whether a secret of ``case`` is still to be read in ``redacted(text, people=…)``: word for
    word, or digit for digit however the digits are written."""
    shown = _plain(redacted(case.text, people=case.people))
    digits = re.sub(r"\D", "", re.sub(r"\[[A-Z]+-\d+\]", "x", shown))
    for secret in map(_plain, case.secrets):
        if secret in shown:
            return True
        own = re.sub(r"\D", "", secret)
        number = case.kind not in {"PERSON", "SECRET", "EMAIL", "ADDRESS"} and len(own) >= 6
        if number and own in digits:
            return True
        if case.kind == "ADDRESS" and any(lot in shown for lot in _LOT.findall(secret)):
            return True
    return False


_LOT = re.compile(r"\d+-\d+(?:-\d+)?|\d+丁目\S+|\d+ [A-Z]\w+")


def _plain(text: str) -> str:
    """Half-width, with one kind of hyphen between digits."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"(?<=\d)[-‐‑–−ー－](?=\d)", "-", text)


def _hidden(planted: str) -> str:
    """Of "口座番号1234567" the number is what must not be seen."""
    for word in (
        "SSN ",
        "passport number ",
        "account number ",
        "Account No. ",
        "routing number ",
        "sort code ",
    ):
        planted = planted.removeprefix(word)
    return planted.split("口座番号")[-1].lstrip("：") if "口座" in planted else planted


CLEAN = (
    # ja
    "検索の結果が出るまで一分以上かかります。", "注文番号12345678の商品が届きません。", "バージョン10.2.0.1に上げてから動きません。",
    "型番はXR-2400-15Bです。", "2024年10月5日の9時30分に止まりました。", "温度が-12.5度から38.2度まで上がる。",
    "お客様から同じ要望が毎週来ています。", "皆様のご意見をお聞かせください。", "お疲れ様です。画面が開きません。", "ユーザー様の権限が消えました。",
    "東京都内の店舗だけ遅いです。", "渋谷区の3店舗で在庫が合いません。", "横浜市の支店では毎日10件ほど出ています。", "請求書No.2024-00123の金額が違う。",
    "エラーコード500-1234が表示されます。", "伝票番号 1234-5678-9012 の配送状況が見られません。", "1,234,567円の差額があります。",
    "20231015のバックアップが壊れている。", "10:30:45にタイムアウトしました。", "資本金は100-200百万円の会社が多い。", "第2四半期の予算を3-4回直した。",
    "パスワードを忘れました。", "パスワードが正しいのに入れません。", "暗証番号の入力画面が出ない。", "https://example.com/help/article-12 の説明が古い。",
    "127.0.0.1では動くのに本番で動かない。", "有名な会社様でも使われていると聞いた。", "神田祭の日に来店が増えます。", "中山道沿いの店舗です。",
    "長野県のお客様が多いです。", "車は2016年式の2000ccです。", "時速100-120kmで走行中に異音がした。", "部品番号は90210-12345でした。",
    "走行距離は123456kmです。", "会員番号が8桁から10桁に変わった。", "さまざまな端末で試しました。", "同様の事象が三回起きています。", "仕様を教えてください。",
    "係長以上だけが承認できるようにしたい。", "店長の承認が毎回必要です。", "部長と課長の権限を分けたい。", "口座の登録画面が分かりにくい。",
    "普通に使っていて止まります。", "カードの登録ができません。", "マイナンバーの入力欄が狭い。", "電話がつながりません。", "メールが届きません。",
    "住所の自動入力が働かない。", "郵便番号から住所が出ない。", "ログは10MBから20MBあります。", "0.5秒から1.2秒に遅くなった。", "3丁目の店だけ表示されない。",
    "A-101からA-120までの棚が消えた。", "予約番号 78213-4 が二重になった。", "24時間365日使えないと困る。", "1-2-3の順に押すと固まる。",
    "担当者が変わるたびに説明し直しです。", "二〇二四年度の目標は百二十件です。", "アプリを1.12.3に更新した。", "解約率が2.5%から3.1%に上がった。",
    # en
    "The search takes more than a minute.", "Order 4711-2231-9908 never arrived.", "Version 10.0.19041.1 breaks the export.",
    "Since release v1.2.3.4 nothing works.", "Part number 90210-12345 is missing from the list.", "It happened on 2024-10-05 at 12:30:45.",
    "Invoice 2024-000123 shows the wrong amount.", "The temperature went from -12.5 to 38.2 degrees.", "I forgot my password.",
    "My password is correct but I can't log in.", "Resetting the password is too hard.", "My card was declined.", "Where do I find my account number?",
    "Error 0x80070005 appears at 100% CPU.", "The API returns 404 for /v1/items/12345.", "See https://example.com/docs/getting-started-with-exports for how it should work.",
    "It fails with std::vector and foo::bar.", "We have 1,250,000 rows and 12 columns.", "Dear Support Team,\nthe page is blank.",
    "Hi there,\nplease add a dark mode.", "Hello,\n\nThe page is blank.\n\nThanks,\nThe Operations Team", "I am using Windows 10 and Chrome 120.0.6099.110.",
    "Tracking number 1Z999AA10123456784 shows no progress.", "Serial no. 8837-2210-5567-0021 is not recognised.", "Since May the report has been slow.",
    "Will the export support Excel 2016?", "The 2019-2023 figures are missing.", "Ticket #4155552671 was closed without an answer.",
    "Order number 378282246310005 is stuck.", "I tried 127.0.0.1 and localhost.", "Mark as read does nothing.", "The grace period is too short.",
    "Meeting room 4B is double booked.", "Why was I charged 12.50 on 3 July?", "It takes 10-15 seconds, then 20-30 on mobile.",
    "How do I call a Java method from Scala?", "The King Street branch opens at 9.", "ISBN 978-3-16-148410-0 is not found.", "Exchange rate of 1.2345678 is wrong.",
    "This is Great software but slow.", "I am Very disappointed.", "It's Friday and still no answer.", "Best regards from the whole office.",
    "The PIN screen does not appear.", "Is the card still coming?", "Top up failed twice, code 51.", "git@github.com:acme/app.git cannot be cloned.",
)  # fmt: skip
