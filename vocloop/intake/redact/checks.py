"""Check digits. Each function takes digits (and letters where the number has them) only."""

from __future__ import annotations

import re


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_VERHOEFF_TIMES = _words(
    "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043"
    " 8765932104 9876543210"
)
_VERHOEFF_TURN = _words(
    "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258"
)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: cards, Canadian social insurance numbers."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def my_number(digits: str) -> bool:
    """個人番号: ordinance of the Ministry of Internal Affairs No. 85 of 2014, article 5."""
    if len(digits) != 12:
        return False
    total = sum(int(d) * w for d, w in zip(digits, _MY_NUMBER_WEIGHTS, strict=False))
    rest = total % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def iban(text: str) -> bool:
    """ISO 13616: the number turned round, letters as 10 … 35, leaves 1 modulo 97."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def routing(digits: str) -> bool:
    """ABA routing numbers of banks in the United States."""
    weights = (3, 7, 1) * 3
    total = sum(int(d) * w for d, w in zip(digits, weights, strict=False))
    return len(digits) == 9 and total % 10 == 0


def aadhaar(digits: str) -> bool:
    """India's 12 digits; the last one by Verhoeff's scheme. None begins with 0 or 1."""
    if len(digits) != 12 or digits[0] in "01":
        return False
    check = 0
    for place, digit in enumerate(reversed(digits)):
        turned = _VERHOEFF_TURN[place % 8][int(digit)]
        check = int(_VERHOEFF_TIMES[check][int(turned)])
    return check == 0


def resident_cn(text: str) -> bool:
    """China's 18-digit resident number: GB 11643."""
    if not re.fullmatch(r"\d{6}(?:19|20)\d{9}[\dX]", text):
        return False
    total = sum(int(d) * w for d, w in zip(text, _RESIDENT_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[17]


def resident_kr(digits: str) -> bool:
    """Korea's 13-digit resident number."""
    if len(digits) != 13:
        return False
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    total = sum(int(d) * w for d, w in zip(digits, weights, strict=False))
    return int(digits[12]) == (11 - total % 11) % 10


def cpf(digits: str) -> bool:
    """Brazil's 11 digits, two of them checks."""
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(d) * (length + 1 - n) for n, d in enumerate(digits[:length]))
        if int(digits[length]) != total * 10 % 11 % 10:
            return False
    return True


def dni(text: str) -> bool:
    """Spain's eight digits (X, Y, Z for 0, 1, 2 at the front) and their letter."""
    number = text[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdecimal() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def nhs(digits: str) -> bool:
    """The ten digits of a patient in the United Kingdom: modulo 11."""
    total = sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False))
    return len(digits) == 10 and (11 - total % 11) % 11 == int(digits[9])


def social_security(digits: str) -> bool:
    """Number ranges that the United States ever gave out."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    taken = area in {"000", "666"} or area >= "900" or group == "00" or serial == "0000"
    return len(digits) == 9 and not taken
