"""A made-up company for trying everything out: its data is the same for the same seed and day."""
