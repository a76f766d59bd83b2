"""The Flesch-Kincaid grade of a text: the school year in which it can be read.

Kincaid, Fishburne, Rogers and Chissom 1975, Derivation of new readability formulas, Research
TraceNode Report 8-75, Naval Technical Training Command. Age is grade and five, as pupils of the
first year are six.
"""

import re

# Grade 9 is the school year of those who are 14.
HARDEST = 9

# Words that the rules below count wrong.
SYLLABLES = {"people": 2, "reanalysis": 5, "quiet": 2, "create": 2, "element": 3, "being": 2}
VOWELS = "aeiouy"


def syllables(word: str) -> int:
    """Count the groups of vowels that are sounded; of a number, its digits.

    Silent are a final e, but not after a consonant and l; the e of -es and -ed, but for the
    sounds that need it; and that before -ment and -ly.
    """
    word = re.sub(r"['’]", "", word.lower())
    if word in SYLLABLES:
        return SYLLABLES[word]
    if re.search(r"\d", word):
        return sum(character.isdigit() for character in word)
    silent = (
        rf"(?<=[^{VOWELS}l])e$|(?<=[{VOWELS}]l)e$",
        rf"(?<=[^{VOWELS}td])(?<![^{VOWELS}]l)ed$",
        rf"(?<=[^{VOWELS}sxzcgl])es$|(?<=[{VOWELS}]l)es$",
        rf"(?<=[^{VOWELS}])e(?=ments?$|ly$|some|where|times|hold)",
    )
    stem = re.sub("|".join(silent), "", word) or word
    groups = re.findall(rf"[{VOWELS}]+", stem)
    apart = re.findall(
        rf"(?<![ctsg])i(?:a|o|u)|ienc|tios?\b|ea(?=\b|s\b)|[{VOWELS}](?=ing)|eo(?!u)|ua", stem
    )
    return max(1, len(groups) + len(apart))


def sentences(text: str) -> list[str]:
    """Sentences; a decimal point ends none, a colon or semicolon as little."""
    return [s for s in re.split(r"(?<=[.?!])\s+", text) if re.search(r"\w", s)]


def grade(text: str) -> float:
    """Grade of a text in whole sentences."""
    words = re.findall(r"\w[\w.,'’]*\w|\w", text)
    count = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences(text)) + 11.8 * count / len(words) - 15.59
