"""Tables of likelihoods that are asked for again, as fits of one outcome share most of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache

from livingreview.effects.forms.form import Floats

# Tables that are kept: some 20 MB, and more than the fits of one outcome share.
MOST = 256


@dataclass(frozen=True)
class Asked:
    """A table that is asked for.

    Attributes
    ----------
    key : tuple
        All that the table hangs on.
    make : callable
        Makes it.
    """

    key: tuple[Hashable, ...]
    make: Callable[[], Floats] = field(compare=False)


@lru_cache(maxsize=MOST)
def remembered(asked: Asked) -> Floats:
    """The table, made the first time; it cannot be written to."""
    table = asked.make()
    table.setflags(write=False)
    return table
