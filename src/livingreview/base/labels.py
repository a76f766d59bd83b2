"""Labels of the protocol inside a sentence."""


def in_sentence(label: str) -> str:
    """A label as it stands within a sentence: names keep their capitals.

    A label with a capital beyond its first letter is a name, such as ``United States``.
    """
    begins, rest = label[:1], label[1:]
    return label if rest != rest.lower() else begins.lower() + rest
