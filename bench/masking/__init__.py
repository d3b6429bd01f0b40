"""What masks hide and what they leave, measured on real texts with planted data: `python -m bench.masking`."""
