"""One Blueprint per noun. A view parses, loads, acts, commits and answers; words are in templates."""
