"""Nearly two invented years of an invented vendor: about 30 themes in two languages, every kind of longevity.

The words are those of examples/minamo; companies, dates and numbers are drawn with a fixed seed, so
that a page shows the same thing in every run.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session

from vocloop.score.snapshot import score_themes
from vocloop_models import (
    AssignedBy,
    Channel,
    Customer,
    Feedback,
    FeedbackState,
    LongevityKind,
    Record,
    Statement,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    TouchTier,
    new_id,
)
from vocloop_models.database import transaction

VOICES = Path(__file__).parents[2] / "examples" / "minamo" / "voices"
DAY = dt.date(2026, 9, 11)
MONTHS = 22
LONGEST_STATEMENT = 160

INDUSTRIES = ("製造業", "小売・卸売業", "建設業", "医療", "Logistics", "Local finance")
SIZES = ("300名未満", "300–999名", "1,000名以上")
NAMES = (
    ("三ツ峰精機", 0), ("みなと金属工業", 0), ("Halden Components K.K.", 0), ("蒼波建設", 2),
    ("北湊フーズ", 1), ("みなと台クリニック", 3), ("東雲ロジ", 4), ("Ostra Retail Japan", 1),
    ("白樺信用金庫", 5), ("Kestrel Freight Pte Ltd", 4), ("青葉総合病院", 3), ("Norrland Timber", 2),
    ("大和田硝子", 0), ("すみれ薬局チェーン", 1), ("Pelham Foods UK", 1), ("岩城工務店", 2),
    ("千早電子", 0), ("Tanager Medical Group", 3), ("瀬戸内物流", 4), ("紺野製作所", 0),
    ("Lyndale Credit Union", 5), ("花園ストア", 1), ("Marlow & Finch Builders", 2), ("光が丘医療法人", 3),
    ("Corvid Logistics", 4), ("常盤銀行", 5), ("水無月食品", 1), ("Brandt Präzision GmbH", 0),
    ("遠野建材", 2), ("Saffron Dining SG", 1), ("若草病院", 3), ("日野鋳造", 0),
    ("Wexford Insurance", 5), ("凪海運", 4), ("Juniper Clinics", 3), ("藤沢金型", 0),
)  # fmt: skip
# Invented names of further companies, so that a segment is large enough to be tested.
PLACES = ("青嵐", "白峰", "緑川", "夕凪", "Alder", "Bramley", "Cove", "Dunmore", "Everett", "Fenwick")
TRADES = ("精密", "商店", "組", "病院", "Freight", "Bank")


@dataclass(frozen=True)
class Plan:
    """What is invented of one theme: titles, keywords, course in time, how many, how grave."""

    key: str
    ja: str
    en: str
    words_ja: tuple[str, ...]
    words_en: tuple[str, ...]
    kind: LongevityKind | None
    companies: int
    severity: float
    segment: int = 0


K = LongevityKind
PLANS = (
    Plan("approver_absent", "承認者が不在だと、申請が何日も止まる", "Requests stall for days when the approver is away", ("承認者", "不在", "代理"), ("approver", "away", "delegate"), K.LASTING, 28, 0.74),
    Plan("month_end_csv", "月末にCSVの書き出しが途中で切れる", "The month-end CSV export stops halfway", ("CSV", "月末", "書き出し"), ("CSV", "month-end", "export"), K.RECURRING, 24, 0.73, 1),
    Plan("site_permissions", "拠点ごとに閲覧権限を分けられない", "Viewing rights cannot be split by site", ("権限", "拠点", "閲覧"), ("permission", "site", "rights"), K.LASTING, 22, 0.69),
    Plan("mobile_logout", "現場のスマホで何度もログインし直す", "Field staff are signed out again and again on phones", ("スマホ", "ログイン"), ("phone", "sign in"), K.EMERGING, 20, 0.75, 2),
    Plan("tax_code_sync", "会計ソフトとの連携で税区分がずれる", "Tax codes shift when journals sync to the accounting software", ("税区分", "会計", "連携"), ("tax code", "sync"), K.RECURRING, 23, 0.71, 1),
    Plan("audit_export", "監査用の変更履歴を一括で出せない", "The audit trail cannot be exported in one go", ("監査", "履歴"), ("audit", "trail"), K.LASTING, 17, 0.66, 5),
    Plan("reorg_routes", "組織改編のたびに承認経路を作り直す", "Approval routes must be rebuilt after every reorganisation", ("承認経路", "組織改編"), ("route", "reorganisation"), K.RECURRING, 19, 0.61),
    Plan("slow_screens", "月曜の朝に画面が遅い", "Screens are slow on Monday mornings", ("遅い", "一覧"), ("slow", "list"), K.LASTING, 21, 0.58),
    Plan("receipt_ocr", "領収書の読み取りで金額と税を間違える", "Receipts are read with the wrong amount and tax", ("領収書", "読み取り"), ("receipt", "scan"), K.LASTING, 20, 0.55, 1),
    Plan("search_requests", "過去の申請が検索で見つからない", "Past requests cannot be found by search", ("検索", "申請"), ("search", "request"), K.LASTING, 18, 0.49),
    Plan("multi_currency", "外貨の精算でレートと端数が合わない", "Rates and rounding are wrong in foreign-currency claims", ("外貨", "レート"), ("currency", "rate"), K.LASTING, 13, 0.57, 4),
    Plan("return_reason", "差し戻しの理由が申請者に伝わらない", "Applicants do not learn why a request was returned", ("差し戻し", "理由"), ("returned", "reason"), K.LASTING, 16, 0.48),
    Plan("too_many_mails", "通知メールが多すぎて大事なものが埋もれる", "Too many notification mails bury the important ones", ("通知", "メール"), ("notification", "mail"), K.LASTING, 19, 0.41),
    Plan("holiday_calendar", "期限と督促が会社の休日を見ない", "Deadlines and reminders ignore company holidays", ("休日", "期限"), ("holiday", "deadline"), K.RECURRING, 12, 0.44, 4),
    Plan("vendor_master", "取引先の重複をまとめられない", "Duplicate suppliers cannot be merged", ("取引先", "重複"), ("supplier", "duplicate"), K.LASTING, 14, 0.46, 1),
    Plan("year_end_closing", "年度締めで予算の繰越が狂う", "Budgets roll over wrongly at fiscal year end", ("年度", "予算"), ("fiscal year", "budget"), K.RECURRING, 11, 0.60, 5),
    Plan("price_renewal", "更新時の値上げと席数の数え方が分かりにくい", "Price rises and seat counts at renewal are unclear", ("更新", "見積"), ("renewal", "seats"), K.EMERGING, 12, 0.63),
    Plan("training_new_sites", "新しい拠点の店長が画面を覚えられない", "New site managers cannot learn the screens", ("研修", "店長"), ("training", "manual"), K.EMERGING, 10, 0.39, 1),
    Plan("passkey_request", "パスワードの代わりにパスキーを使いたい", "Wants passkeys instead of passwords and codes", ("パスキー",), ("passkey",), K.EMERGING, 9, 0.33),
    Plan("qualified_invoice", "インボイス登録番号の照合に手間がかかる", "Checking qualified-invoice numbers takes too long", ("インボイス", "登録番号"), ("invoice", "number"), K.FADING, 18, 0.52),
    Plan("english_fallback", "英語画面が途中から日本語になる", "The English screens turn Japanese halfway", ("英語", "翻訳"), ("English", "translation"), K.FADING, 13, 0.45),
    Plan("duplicate_mail", "同じ通知が二度三度届く", "The same notification arrives two or three times", ("重複", "通知"), ("duplicate", "notification"), K.FADING, 12, 0.36),
    Plan("pdf_garbled", "PDFの文字が化けて印刷できない", "Printed PDFs have garbled characters", ("PDF", "文字化け"), ("PDF", "garbled"), K.FADING, 11, 0.49, 2),
    Plan("outage_login", "障害の日に全画面が開かなかった", "No screen opened on the day of the outage", ("障害", "ログイン"), ("outage", "login"), K.TRANSIENT, 26, 0.83),
    Plan("ai_draft", "申請の文面をAIに書いてほしい", "Wants AI to write the request text", ("AI", "文面"), ("AI", "draft"), K.TRANSIENT, 15, 0.25, 5),
    Plan("crypto_rewards", "早い承認にポイントを付けたい", "Wants points and badges for quick approvals", ("ポイント", "バッジ"), ("points", "badges"), K.TRANSIENT, 7, 0.15),
    Plan("support_praise", "サポートの返事が早くて親切", "Support answers fast and kindly", ("サポート",), ("support",), K.LASTING, 14, 0.06),
    Plan("easy_praise", "紙とはんこがなくなって楽になった", "Paper and stamps are gone, work is easier", ("はんこ",), ("paperless",), K.LASTING, 13, 0.05),
)  # fmt: skip
# One theme that too few companies say, so that it is listed, not ranked.
RARE = Plan("noise", "来客用の席を申請と一緒に押さえたい", "Wants to book a guest desk with the request", ("来客",), ("guest",), None, 2, 0.20)  # fmt: skip


def seed(engine: Engine, *, weighty: int = 1) -> dict[str, uuid.UUID]:
    """Fill an empty, migrated database. Returns theme ids by key.

    ``weighty`` multiplies the statements of each company."""
    draw = random.Random(20260911)
    with transaction(engine) as session:
        customers = _customers(session, draw)
        words = _words()
        ids = {}
        for number, plan in enumerate((*PLANS, RARE), start=1):
            ids[plan.key] = _theme(session, plan, number, customers, words[plan.key], draw, weighty)
        score_themes(session)
        _waiting(session, customers)
    return ids


def _customers(session: Session, draw: random.Random) -> list[Customer]:
    customers = []
    named = [*NAMES, *((f"{place} {TRADES[trade]}", trade) for place in PLACES for trade in range(6))]
    for number, (name, industry) in enumerate(named):
        customers.append(
            Customer(
                external_id=f"C-{number + 1:03d}",
                name=name,
                industry=INDUSTRIES[industry],
                size=SIZES[draw.randrange(3)],
                touch_tier=list(TouchTier)[draw.randrange(3)],
            )
        )
    session.add_all(customers)
    session.flush()
    return customers


def _words() -> dict[str, Iterator[tuple[str, str, str]]]:
    """For each theme an endless run of (text, language, channel), both languages in turn."""
    found: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    for language in ("ja", "en"):
        for line in (VOICES / f"{language}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if "theme" in row:
                text = _short(row["text"])
                found.setdefault(row["theme"], {"ja": [], "en": []})[language].append(
                    (text, language, row["channel"])
                )
    return {key: _in_turn(both["ja"], both["en"]) for key, both in found.items()}


def _short(text: str) -> str:
    """The first sentences of a voice, greetings and all: as statements look."""
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) > 25]
    text = max(lines or [text], key=len)
    for end in ("。", ". ", "? ", "？"):
        place = text.find(end, 40)
        if 0 < place < LONGEST_STATEMENT:
            return text[: place + len(end)].strip()
    return text[: 2 * LONGEST_STATEMENT]


def _in_turn(
    ja: list[tuple[str, str, str]], en: list[tuple[str, str, str]]
) -> Iterator[tuple[str, str, str]]:
    # Two Japanese voices for each English one.
    for turn in count():
        source = en if turn % 3 == 2 else ja
        yield source[(turn // 3 if source is en else turn - turn // 3) % len(source)]


def _weight(kind: LongevityKind | None, back: int) -> float:
    """How much is said of a theme ``back`` months ago, 0 the newest."""
    if kind is K.TRANSIENT:
        return 1.0 if 9 <= back <= 11 else 0.0
    if kind is K.EMERGING:
        return max(0.0, 1 - back / 7)
    if kind is K.RECURRING:
        return 1.0 if back % 6 in (0, 1) else 0.06
    if kind is K.FADING:
        return 0.9 ** max(0, MONTHS - 1 - back) if back > 2 else 0.02
    return 0.7 + 0.3 * math.cos(back)


def _theme(
    session: Session,
    plan: Plan,
    number: int,
    customers: list[Customer],
    words: Iterator[tuple[str, str, str]],
    draw: random.Random,
    weighty: int,
) -> uuid.UUID:
    theme = Theme(
        number=number,
        title_ja=plan.ja,
        title_en=plan.en,
        keywords_ja=list(plan.words_ja),
        keywords_en=list(plan.words_en),
    )
    session.add(theme)
    session.flush()
    loved = [c for c in customers if c.industry == INDUSTRIES[plan.segment]]
    others = [c for c in customers if c not in loved]
    draw.shuffle(others)
    speakers = (loved[: max(2, round(plan.companies * 0.55))] + others)[: plan.companies]
    months = [back for back in range(MONTHS) if _weight(plan.kind, back) > 0]
    weights = [_weight(plan.kind, back) for back in months]
    rows: dict[type[Record], list[dict[str, Any]]] = {
        Feedback: [],
        Statement: [],
        ThemeMembership: [],
    }
    said: list[tuple[dt.date, uuid.UUID]] = []
    for customer in speakers:
        for turn in range(weighty * draw.randint(2, 5)):
            back = draw.choices(months, weights)[0]
            day = DAY - dt.timedelta(days=round(30.4 * back) + draw.randrange(30))
            text, language, channel = next(words)
            said.append((day, customer.id))
            feedback, statement = new_id(), new_id()
            rows[Feedback].append(
                {
                    "id": feedback,
                    "source": "seed",
                    "external_id": f"{plan.key}-{len(said)}",
                    "channel": Channel(channel),
                    "customer_id": customer.id,
                    "said_at": dt.datetime.combine(day, dt.time(10), tzinfo=dt.UTC),
                    "received_at": dt.datetime.combine(day, dt.time(11), tzinfo=dt.UTC),
                    "text": text,
                    "language": language,
                    "severity_mark": min(4, max(1, round(4 * plan.severity + draw.gauss(0.4, 0.5)))),
                    "state": FeedbackState.THEMED,
                }
            )
            rows[Statement].append(
                {
                    "id": statement,
                    "feedback_id": feedback,
                    "position": 0,
                    "text": text,
                    "language": language,
                }
            )
            rows[ThemeMembership].append(
                {
                    "statement_id": statement,
                    "theme_id": theme.id,
                    "confidence": round(draw.uniform(0.6, 0.99), 3),
                    "central": turn == 0 and len(said) < 6,
                    "assigned_by": AssignedBy.RUN,
                    "assigned_at": dt.datetime.combine(DAY, dt.time(12), tzinfo=dt.UTC),
                }
            )
    for table, values in rows.items():
        session.execute(insert(table), values)
    session.add_all(_events(theme, said))
    session.flush()
    return theme.id


def _events(theme: Theme, said: list[tuple[dt.date, uuid.UUID]]) -> list[ThemeEvent]:
    first = min(day for day, _ in said)

    def at(day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(3), tzinfo=dt.UTC)

    return [
        ThemeEvent(theme_id=theme.id, kind=ThemeEventKind.BORN, at=at(first), detail={"statements": 6}),
        ThemeEvent(theme_id=theme.id, kind=ThemeEventKind.GREW, at=at(DAY - dt.timedelta(days=9)), detail={"before": len(said) // 2, "statements": len(said) - 6, "overlap": 0.61}),
        ThemeEvent(theme_id=theme.id, kind=ThemeEventKind.CONTINUED, at=at(DAY), detail={"before": len(said) - 6, "statements": len(said), "overlap": 0.97}),
    ]  # fmt: skip


def _waiting(session: Session, customers: list[Customer]) -> None:
    """Two voices that the worker has not read yet."""
    for number in range(2):
        session.add(
            Feedback(
                source="seed",
                external_id=f"waiting-{number}",
                channel=Channel.MAIL,
                customer_id=customers[number].id,
                said_at=dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC),
                text="昨日から画面が開きません。",
                language="ja",
            )
        )
