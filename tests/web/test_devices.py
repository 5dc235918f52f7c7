from __future__ import annotations

import pytest

from web.devices import device

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{MAC}Version/17.4 Safari/605.1.15", "Safari · Mac"),
        (f"{MAC}Chrome/126.0.0.0 Safari/537.36 Edg/126.0", "Edge · Mac"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/126 Mobile Safari", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) MicroMessenger/8.0", "WeChat · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit HuaweiBrowser/5 Chrome/114",
            "Huawei Browser · HarmonyOS",
        ),
        ("curl/8.0", "Unknown device"),
        ("", "Unknown device"),
        ("Firefox", "Firefox"),
    ],
)
def test_a_device_is_named_by_browser_and_system(user_agent: str, words: str) -> None:
    assert device(user_agent, "en") == words


def test_words_are_in_the_readers_language() -> None:
    assert device("MicroMessenger Android", "zh") == "微信 · Android"
    assert device("x", "zh") == "认不出的设备"
