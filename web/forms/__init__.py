"""What people send, as pydantic models: the one set of rules. Each page's form is in the module of its noun."""
