"""One Blueprint per noun. A view parses, loads, acts, commits and answers; queries live in models/, words in templates."""
