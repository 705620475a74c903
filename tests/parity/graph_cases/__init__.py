"""All cases of graph_parity.py."""

from . import conditionals, loops, lowered, recurrent, state  # noqa: F401
from .table import CASES  # noqa: F401
