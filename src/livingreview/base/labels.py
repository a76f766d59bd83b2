"""Words of the protocol inside a sentence."""

# On both sides of no difference: before the phrase of an outcome, as in `fewer arrests`, and alone,
# as in `the probability of fewer`; by the word for the lower side.
BEFORE_PHRASE = {
    "less": {"less": "less", "more": "more"},
    "fewer": {"less": "fewer", "more": "more"},
    "lower": {"less": "lower", "more": "higher"},
}
ALONE = BEFORE_PHRASE | {"lower": {"less": "a lower value", "more": "a higher value"}}


def in_sentence(label: str) -> str:
    """A label as it stands within a sentence: names keep their capitals.

    A label with a capital beyond its first letter is a name, such as ``United States``.
    """
    begins, rest = label[:1], label[1:]
    return label if rest != rest.lower() else begins.lower() + rest
