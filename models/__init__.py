"""models REMEMBERS: tables, their rules, their queries; settings, database and translations are its ground floor.

One module a noun: the table, then its moves, then its queries. models/tables.py imports them all. It imports nothing of
ours and commits nothing: only the edges (a page, a job, a command) commit.
"""
