"""Sentences about sounds and places, for teaching the text tower words that no caption has.

Captions and their paraphrases, two scenes joined, templates filled from engine.training.lexicon, and the
words and glosses of WordNet. A pure function of captions, config and seed. It knows no network and no audio.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.training import lexicon, wordnet
from engine.training.held_back import is_held_back
from engine.training.manifest import Recording

log = logging.getLogger(__name__)

# Topics whose words make or name a sound, a place or a character of sound; the others name people and ideas.
_TOPICS = frozenset(
    [
        *(
            "noun.artifact",
            "noun.event",
            "noun.object",
            "noun.phenomenon",
            "noun.animal",
            "noun.act",
            "noun.location",
        ),
        *(
            "noun.attribute",
            "noun.substance",
            "noun.state",
            "noun.time",
            "noun.feeling",
            "noun.group",
            "noun.process",
        ),
        *("noun.food", "noun.communication", "noun.body", "verb.weather", "verb.perception", "verb.motion"),
        *("verb.contact", "verb.change", "verb.body", "verb.communication", "verb.stative", "adj.all"),
    ]
)
_AUDIBLE = re.compile(
    r"\b(sound|noise|loud|quiet|hear|heard|voice|cry|song|sing|call|ring|roar|hum|buzz|rain|storm|wind|snow|ice|thunder"
    r"|water|sea|ocean|wave|river|lake|stream|shore|beach|boat|ship|fire|burn|flame|bird|insect|frog|forest|tree|wood"
    r"|desert|mountain|valley|cave|weather|air|engine|motor|machine|train|railway|car|vehicle|aircraft|road|street|city"
    r"|village|farm|house|room|building|church|bell|clock|music|animal|night|day|winter|summer|cold|hot|wet|dry|steam"
    r"|electric|crowd|walk|door|kitchen|garden|field|grass|island|harbor|coast|pool|swamp|pipe|drum|fan|tool|hammer)"
    r"(s|es|y|ed|ing|ling)?\b"
)

_JOINS = (
    "{a} and {b}",
    "{a} with {b}",
    "{a}, {b}",
    "{a}, {b} in the distance",
    "{a} over {b}",
    "{a}; {b} nearby",
)
_FRAMES = (
    "{a}",
    "the sound of {a}",
    "{a} ambience",
    "sounds of {a}",
    "a recording of {a}",
    "{a} in the background",
    "{a} {place}",
    "{a} {time}",
    "{adjective} {a}",
    "ambience: {a}",
)


@dataclass(frozen=True)
class SentencesConfig:
    """How many sentences of each kind to draw; fewer come out where they repeat.

    `seed` is apart from the run's, so that runs share the teacher's vectors.
    """

    seed: int = 0
    paraphrases: int = 16000
    combinations: int = 16000
    templates: int = 44000
    dictionary_words: int = 26000
    dictionary_glosses: int = 26000
    dictionary: str = str(wordnet.DEFAULT_FOLDER)


def make_sentences(captions: Mapping[str, Sequence[str]], config: SentencesConfig | None = None) -> list[str]:
    """Different sentences, captions first, none of them held back to measure with.

    `captions` are the train split's, by scene (`night_insects`).
    """
    config = config or SentencesConfig()
    known = [caption for scene in sorted(captions) for caption in captions[scene]]
    names = [scene.replace("_", " ") for scene in sorted(captions)]
    found: list[str] = known + names + [word for words in lexicon.SOUNDS.values() for word in words]
    found += [_bare(word) for words in lexicon.SOUNDS.values() for word in words]
    found += list(lexicon.ADJECTIVES) + list(lexicon.PLACES) + list(lexicon.TIMES)
    if known:
        chance = random.Random(f"paraphrases {config.seed}")
        found += [paraphrase(chance.choice(known), chance) for _ in range(config.paraphrases)]
        found += [_combination(captions, chance) for _ in range(config.combinations)]
    chance = random.Random(f"templates {config.seed}")  # apart, so that these are the same for any captions
    found += [from_template(chance) for _ in range(config.templates)]
    chance, words, glosses = (
        random.Random(f"dictionary {config.seed}"),
        config.dictionary_words,
        config.dictionary_glosses,
    )
    found += dictionary_sentences(Path(config.dictionary), words, glosses, chance)
    tidy = (" ".join(sentence.split()) for sentence in found)
    return [sentence for sentence in dict.fromkeys(tidy) if sentence and not is_held_back(sentence)]


def by_scene(recordings: Iterable[Recording]) -> dict[str, list[str]]:
    """Scene -> all captions of its recordings."""
    captions: dict[str, list[str]] = {}
    for recording in recordings:
        captions.setdefault(recording.scene, []).extend(recording.captions)
    return captions


def paraphrase(caption: str, chance: random.Random) -> str:
    """The caption with some words exchanged for synonyms and perhaps a frame around it."""
    words = [_synonym(word, chance) if chance.random() < 0.5 else word for word in caption.split()]
    frame = chance.choice(_FRAMES) if chance.random() < 0.5 else "{a}"
    return frame.format(a=" ".join(words), **_setting(chance))


def from_template(chance: random.Random) -> str:
    """One template with sounds, adjectives, places and times from the lexicon."""
    sounds = [chance.choice(lexicon.SOUNDS[chance.choice(_KINDS)]) for _ in range(3)]
    return chance.choice(lexicon.TEMPLATES).format(
        sound=sounds[0],
        sound2=sounds[1],
        bare=_bare(sounds[0]),
        bare2=_bare(sounds[1]),
        bare3=_bare(sounds[2]),
        adjective2=chance.choice(lexicon.ADJECTIVES),
        **_setting(chance),
    )


def dictionary_sentences(folder: Path, words: int, glosses: int, chance: random.Random) -> list[str]:
    """Words (alone or framed) and glosses of WordNet; an empty list and a message where it is missing."""
    if not (words or glosses):
        return []
    if not wordnet.is_installed(folder):
        log.warning(
            "There is no WordNet in %s (Debian: wordnet-base): no dictionary sentences are learnt.", folder
        )
        return []
    synsets = [
        synset for synset in wordnet.read_synsets(folder) if synset.topic in _TOPICS and _common(synset)
    ]
    audible = [synset for synset in synsets if _AUDIBLE.search(synset.gloss)]
    others = [synset for synset in synsets if not _AUDIBLE.search(synset.gloss)]
    chance.shuffle(audible)
    chance.shuffle(others)
    ordered = audible + others
    return list(_words(ordered, words, chance)) + list(_glosses(ordered, glosses))


def _common(synset: wordnet.Synset) -> bool:
    """Not a proper name (Tianjin, genus Rosa)."""
    return synset.words[0].islower() and not synset.words[0].startswith(("genus ", "family ", "order "))


def _words(synsets: Iterable[wordnet.Synset], count: int, chance: random.Random) -> Iterator[str]:
    for synset in synsets:
        for word in synset.words[:3]:
            if count <= 0:
                return
            count -= 1
            framed = synset.topic.startswith("noun") and chance.random() < 0.3
            yield chance.choice(_FRAMES).format(a=word, **_setting(chance)) if framed else word


def _glosses(synsets: Iterable[wordnet.Synset], count: int) -> Iterator[str]:
    for number, synset in enumerate(synsets):
        if count <= 0:
            return
        count -= 1
        kinds = (f"{synset.words[0]}: {synset.gloss}", synset.gloss, *synset.examples[:1])
        yield kinds[number % len(kinds)]


def _combination(captions: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    scenes = [scene for scene in sorted(captions) if captions[scene]]
    first, second = (chance.choice(captions[chance.choice(scenes)]) for _ in range(2))
    return chance.choice(_JOINS).format(a=first.split(",")[0], b=second.split(",")[0])


def _synonym(word: str, chance: random.Random) -> str:
    core = word.strip(",")
    group = _GROUPS.get(core.lower())
    return word.replace(core, chance.choice(group)) if group else word


def _setting(chance: random.Random) -> dict[str, str]:
    return {
        "place": chance.choice(lexicon.PLACES),
        "time": chance.choice(lexicon.TIMES),
        "adjective": chance.choice(lexicon.ADJECTIVES),
    }


def _bare(sound: str) -> str:
    """`a campfire` -> `campfire`."""
    return re.sub(r"^(a|an|the) ", "", sound)


_KINDS = tuple(lexicon.SOUNDS)
_GROUPS = {word: group for group in lexicon.SYNONYMS for word in group}
