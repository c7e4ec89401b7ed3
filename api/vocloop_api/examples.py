"""Requests to show in OpenAPI, in both languages."""

from __future__ import annotations

from typing import Any

_JA = {
    "text": "シフトを代わってもらうたびに店長の承認が要り、夜は連絡がつかず困っています。",
    "source": "zendesk",
    "external_id": "48213",
    "channel": "ticket",
    "customer": {"external_id": "C-0031", "name": "株式会社みなも"},
    "said_at": "2026-09-11T10:30:00+09:00",
    "language": "ja",
    "severity_mark": 3,
}
_EN = {
    "text": "Every shift swap waits for the manager, and at night nobody answers.",
    "source": "survey-2026q3",
    "external_id": "r-207",
    "channel": "survey",
    "customer": {"name": "Minamo Inc."},
    "said_at": "2026-09-12T08:00:00Z",
    "language": "en",
    "rating": 4,
    "rating_scale": "nps",
}

FEEDBACK: dict[str, Any] = {
    "ja": {"summary": "日本語の問い合わせ", "value": _JA},
    "en": {"summary": "A survey answer in English", "value": _EN},
}
BATCH: dict[str, Any] = {
    "both": {"summary": "日本語と英語 / Both languages", "value": {"rows": [_JA, _EN]}},
}
