"""web SHOWS: pages over the rows that people and machines made. It computes no match and sends no mail.

Begin at app.py, which builds everything in order; one Blueprint per noun is in pages/.
"""
