from hypothesis import given
from hypothesis import strategies as st

from vmapdemo.hosting import bucket
from vmapdemo.hosting.bucket import Allowance, Buckets, TokenBucket


def test_a_full_bucket_gives_its_burst_and_then_as_much_as_flows_in() -> None:
    now_s = [0.0]
    tokens = TokenBucket(Allowance(rate_per_s=2, burst=3), lambda: now_s[0])
    assert [tokens.take() for _ in range(4)] == [True, True, True, False]
    now_s[0] = 1.0
    assert [tokens.take() for _ in range(3)] == [True, True, False]


def test_what_costs_more_than_there_is_takes_nothing() -> None:
    tokens = TokenBucket(Allowance(1, 3), lambda: 0.0)
    assert not tokens.take(4)
    assert tokens.take(3)


@given(st.lists(st.floats(0, 10), max_size=60))
def test_no_more_than_the_allowance_in_any_time(waits: list[float]) -> None:
    now_s, taken = 0.0, 0
    tokens = TokenBucket(Allowance(rate_per_s=1.5, burst=4), lambda: now_s)
    for wait in waits:
        now_s += wait
        taken += tokens.take()
        assert taken <= 4 + 1.5 * now_s + 1e-6


def test_what_is_owed_says_how_long_to_wait() -> None:
    now_s = [0.0]
    tokens = TokenBucket(Allowance(rate_per_s=2, burst=2), lambda: now_s[0])
    assert [tokens.owe() for _ in range(4)] == [0, 0, 0.5, 1]
    now_s[0] = 1.0
    assert tokens.owe() == 0.5


def test_a_fine_takes_what_is_there() -> None:
    tokens = TokenBucket(Allowance(1, 3), lambda: 0.0)
    tokens.fine(5)
    assert not tokens.take(0.1)


def test_each_key_has_a_bucket_and_the_oldest_are_forgotten() -> None:
    keyed = Buckets(Allowance(0, 1), lambda: 0.0)
    assert keyed.take("a")
    assert not keyed.take("a")
    assert keyed.take("b")
    for number in range(bucket.MOST_KEYS):
        keyed.take(str(number))
    assert keyed.take("a"), "forgotten, so full again"
