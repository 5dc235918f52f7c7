"""/api/v1: what programs read and send, as JSON. One module a noun, like the pages, and the same rules of access.

Every endpoint declares what it takes and gives (declared.py); requests are checked by these declarations and the
OpenAPI document is made from them (document.py). Errors have one shape, `application/problem+json` (problems.py).
"""
