"""What a served world begins with is left out of searches for garbage, until it ends."""

import gc

from harness.serving.garbage import beginnings_set_aside


def test_what_there_is_is_set_aside_until_the_end():
    there = [[] for _ in range(1_000)]
    with beginnings_set_aside():
        assert gc.get_freeze_count() > len(there)
        assert not any(one is there[0] for one in gc.get_objects())
    assert gc.get_freeze_count() == 0
