"""Rows as the plain values that templates show, one module per noun."""
