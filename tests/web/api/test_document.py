from __future__ import annotations

from web.api.document import MODULES


def test_every_module_of_endpoints_is_served(app):
    assert {module.bp.name for module in MODULES} <= set(app.blueprints)
