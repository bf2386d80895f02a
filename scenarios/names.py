"""Company names, from a pool that is made once a process."""

from functools import lru_cache

POOL = 1000
_POOL_SEED = 606


def company(word: int) -> str:
    """The name at the uniform 32-bit `word`. Two companies may share one, as in life."""
    names = _pool()
    return names[word * len(names) >> 32]


@lru_cache(maxsize=1)
def _pool() -> tuple[str, ...]:
    from faker import Faker  # noqa: PLC0415  a fifth of a second, and only a run needs it

    source = Faker("en_US", use_weighting=False)
    source.seed_instance(_POOL_SEED)
    return tuple(dict.fromkeys(source.company() for _ in range(POOL)))
