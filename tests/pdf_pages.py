"""PDF files for tests: pages printed by a browser, and a scan."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

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
    # The browser's own command: Playwright's loop may already be running in this process, for another file's tests.
    page = path.with_suffix(".html")
    page.write_text(f"<style>@page {{ size: A4 landscape }}</style>{content}", encoding="utf-8")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    profile = f"--user-data-dir={path.parent / 'profile'}"
    subprocess.run(
        [CHROMIUM, *arguments, profile, f"--print-to-pdf={path}", page.as_uri()],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return path
