"""Addresses of our own files carry a piece of their hash, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

YEAR_SECONDS = 365 * 24 * 3600
ICONS = "vendor/bootstrap-icons/icons.svg"


def register(app: Flask) -> None:
    """Give templates `asset(path)` and let browsers keep what carries a version."""
    folder = Path(str(app.static_folder))

    @lru_cache
    def file_version(path: str) -> str:
        return hashlib.sha256((folder / path).read_bytes()).hexdigest()[:12]

    def asset(path: str) -> str:
        return url_for("static", filename=path, v=file_version(path))

    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["icons_address"] = lambda: asset(ICONS)

    @app.after_request
    def let_browsers_keep(answer: Response) -> Response:
        if request.endpoint == "static" and answer.status_code == 200:
            if request.args.get("v"):
                answer.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
            else:
                answer.headers["Cache-Control"] = "public, max-age=300"
        return answer
