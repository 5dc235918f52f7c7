"""matcher THINKS: text in, explained matches out. It imports models only.

    rows ─ documents ─ passages ─ embedder ─┬─ index_store, index      (vectors: what means alike)
                                            └─ lexical                 (words: what says alike)
    a need ─ relevance of every document ─ gates ─ coverage with quotes ─ signals ─ scoring ─ explanation ─ ranking

- copies, own_part: what states nothing, as repeats and lists; what of an offer is copied out of the need it answers
- documents, passages: a scenario or capability taken apart into statements and chunks, each knowing its source
- embedder, bundled_model, centring: chunks into vectors that compare across languages
- index_*, lexical: caches of the database that find near documents; deleting them loses nothing
- relevance: how far a pair stands out from a stored background, in standard deviations
- gates, coverage, quantities, completeness, signals: what may meet, what is met, what contradicts, what is missing
- scoring, explanation, ranking: the band and the order, and the words for both
- gap_map, exposure, with clusters, telling_words: what lacks supply or demand, who is shown; survey: both from scores
- covering, teams, team_search: the fewest firms that together cover a need's musts, and among whom to look for them
- recommender: the chain, one method per question; workshop: its parts for one installation; indexing: keeps it in step
- bench, evaluation: the same chain on labelled sets
- comparisons, learning, weight_trial, proposal: weights from what people decided, and the gate before them
- weighting: the weights in force
- labelled_lists, quality: figures on the installation's own labels and decisions
- meeting_*, meetings: who meets whom, when, at which table; linear_program, gap_proof: what is proved about it
"""
