"""Runs the proofs and prints their figures: `python -m tests.proof` (scripts/proof)."""
