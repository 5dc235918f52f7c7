"""jobs ACTS: on time, once, and leaves a record. jobs/schedule.py is the table of what runs when, and why."""
