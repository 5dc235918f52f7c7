"""The OpenAPI document: made from the declarations by which requests are checked, in the asker's language."""

from __future__ import annotations

from web.api import batches, capabilities, imports, matches, matching, pilots, scenarios

MODULES = (scenarios, batches, capabilities, matches, matching, pilots, imports)
"""Every module of endpoints, in the order of the document."""
