"""The unified social credit code (统一社会信用代码) of an organisation: 18 signs, the last of which checks the others.

Source: GB 32100-2015 法人和其他组织统一社会信用代码编码规则, its table of signs and weights and its formula: each
of the first 17 signs counts as its place in the alphabet, times 3 to the power of its position modulo 31; the last
sign brings the sum to a multiple of 31. Whether such a code was ever given to anybody is not known here.
"""

import unicodedata

from models.errors import InvalidInput

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 signs: I, O, S, V and Z are left out, because they are mistaken for digits and other letters."""
LENGTH = 18
REGION = slice(2, 8)
_WEIGHTS = [pow(3, position, len(ALPHABET)) for position in range(LENGTH - 1)]


def normal_credit_code(text: str) -> str:
    """What was meant: full-width signs as plain ones, capitals, no blanks and no hyphens. Nothing is checked."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if not sign.isspace() and sign != "-")


def check_sign(first: str) -> str:
    """The 18th sign for the first 17. ValueError for signs outside the alphabet."""
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % len(ALPHABET)]


def checked_credit_code(text: str) -> str:
    """The code in its normal form. InvalidInput, with a sentence for each kind of mistake, when it cannot be one."""
    code = normal_credit_code(text)
    mistake = _mistake(code)
    if mistake is not None:
        raise InvalidInput(mistake, fields={"credit_code": mistake})
    return code


def _mistake(code: str) -> str | None:
    if not code:
        return "要填写统一社会信用代码，营业执照或法人证书上有。"
    if len(code) != LENGTH:
        return "统一社会信用代码是 18 位，请数一数是不是少了或多了。"
    if any(sign in "IOSVZ" for sign in code):
        return "统一社会信用代码里没有 I、O、S、V、Z 这几个字母，可能是 1、0、5、U 或 2。"
    if any(sign not in ALPHABET for sign in code):
        return "统一社会信用代码只有数字和大写字母。"
    if not code[REGION].isdecimal():
        return "统一社会信用代码的第 3 到 8 位是行政区划，应该都是数字。"
    if check_sign(code[:-1]) != code[-1]:
        return "统一社会信用代码的校验位对不上，可能抄错或颠倒了一位。"
    return None
