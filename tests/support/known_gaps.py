"""Known gaps: what a parity suite finds and the project knows, each with its reason, in tests/parity/known_gaps.csv.

A gap is printed with its reason and counted apart; one that no longer fails is itself a failure, so that the list stays true.
"""

import csv
import os

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "parity", "known_gaps.csv")


def read():
    """{(model, check): reason}"""
    with open(FILE, newline="") as file:
        return {(row["model"], row["check"]): row["reason"] for row in csv.DictReader(file)}
