"""Forms are what the standard library takes them for, and their keys say what is in what."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.faces.stripe.errors import StripeError
from fakes.faces.stripe.forms import decoded

PIECES = st.sampled_from(["a", "b", "=", "&", "+", "%", "%20", "%C3%A9", "%C3", "é", "%4", "%26", "0"])


@given(st.lists(PIECES, max_size=16).map("".join))
def test_a_plain_form_is_what_the_standard_library_says(text):
    try:
        wanted = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        with pytest.raises(StripeError):
            decoded(text)
    else:
        assert decoded(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[0][b]=1&a[0][c]=2", {"a": [{"b": "1", "c": "2"}]}),
        ("a%5Bb%5D=1&a[c]=", {"a": {"b": "1", "c": ""}}),
        ("a[b]]=1", {"a": {"b]": "1"}}),
        ("a[²]=1", {"a": {"²": "1"}}),
    ],
)
def test_keys_with_brackets_nest(text, wanted):
    assert decoded(text) == wanted


@pytest.mark.parametrize("text", ["[a]=1", "a[b=1", "a[b]c=1", "a[b[c]]=1", "a[b]c[d]=1", "a=1&a[b]=2", "a[b]=1&a=2",
                                  "a" + "[b]" * 8 + "=1", "&".join(["a=1"] * 4_001)])  # fmt: skip
def test_what_is_no_form_is_refused(text):
    with pytest.raises(StripeError):
        decoded(text)
