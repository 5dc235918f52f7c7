"""PDF files for tests: pages printed by a browser, and a scan."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium")
FONTS = "" if shutil.which("fc-list") is None else subprocess.run(
    ["fc-list", ":lang=zh"], capture_output=True, text=True, check=False
).stdout  # fmt: skip

SCAN = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R
/Resources <</XObject <</I 5 0 R>>>>>> endobj
4 0 obj <</Length 22>> stream
99 0 0 99 0 0 cm /I Do
endstream endobj
5 0 obj <</Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray
/BitsPerComponent 8 /Length 1>> stream
x
endstream endobj
trailer <</Root 1 0 R>>
%%EOF
"""
"""One page with one picture and no text."""


def print_page(content: str, path: Path) -> Path:
    """Print a page to a PDF file with Debian's browser; skipped by name where it or the fonts are missing."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    if "Noto" not in FONTS:
        pytest.skip("fonts-noto-cjk is not installed")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_content(content)
        page.pdf(path=str(path), format="A4", landscape=True)
        browser.close()
    return path
