"""What a log-in was made with, in words a person recognises; enough to tell one's phone from a stranger's."""

from __future__ import annotations

from models.i18n import N_, gettext

# The first that is found counts: browsers name each other, and so do systems.
BROWSERS = (
    ("MicroMessenger", N_("微信")),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("HuaweiBrowser", N_("华为浏览器")),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device(user_agent: str, locale: str) -> str:
    """Browser and system, e.g. "Chrome · Windows"; what cannot be told is left out, and said where nothing can.

    >>> device("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36", "en")
    'Chrome · Windows'
    """
    parts = [
        gettext(locale, name)
        for table in (BROWSERS, SYSTEMS)
        if (name := next((name for mark, name in table if mark in user_agent), None)) is not None
    ]
    return " · ".join(parts) or gettext(locale, N_("认不出的设备"))
