"""Weather, water, fire and animals out of formulas. A voice is a function of a generator and seconds."""

from __future__ import annotations

import numpy as np

from engine.training.procedural.tools import (
    Made,
    Random,
    Wave,
    band,
    coloured,
    decay,
    in_room,
    low,
    often,
    scattered,
    seconds,
    swept,
    wander,
    white,
)


def rain(random: Random, length: float) -> Made:
    heavy = random.random() < 0.5
    drops = often(random, length, random.uniform(500, 900) if heavy else random.uniform(25, 90))
    grains = [
        band(white(random, 260, 1)[:, 0], f, 3 * f) * decay(260 / 44_100, 0.0012) for f in (900, 2000, 4500)
    ]
    near = scattered(random, length, drops, lambda: grains[random.integers(3)] * random.exponential())
    bed = band(coloured(random, len(near), 2.0), 500, 14_000) * (0.5 if heavy else 0.03)
    word, other = ("heavy", "dense") if heavy else ("light", "sparse")
    return near * 2 + bed, (
        f"{word} rain",
        f"{other} raindrops falling all around",
        f"{'a downpour' if heavy else 'a drizzle'}, wide stereo",
    )


def waves(random: Random, length: float) -> Made:
    rough = random.random() < 0.5
    noise = coloured(random, len(seconds(length)), 3.0)
    swell = wander(random, len(noise), 0.35 if rough else 0.2) ** (2 if rough else 3)
    foam = band(noise, 700, 9000) * (swell**2)[:, None]
    deep = low(noise, 500) * (0.3 + swell[:, None]) * (1.5 if rough else 0.4)
    return foam * (2.0 if rough else 0.6) + deep, (
        f"{'a rough sea' if rough else 'a calm sea'}",
        f"{'big breaking waves' if rough else 'gentle waves on a beach'}",
        f"{'wild surf, loud and close' if rough else 'soft surf, slow and quiet'}",
    )


def stream(random: Random, length: float) -> Made:
    strong = random.random() < 0.5
    bubbles = often(random, length, random.uniform(250, 400) if strong else random.uniform(40, 90))

    def bubble() -> Wave:
        hz = float(np.exp(random.uniform(np.log(350), np.log(3000))))
        return swept(hz, hz * random.uniform(1.05, 1.5), 0.05, 6.0 / hz) * random.exponential()

    wave = scattered(random, length, bubbles, bubble)
    rush = band(coloured(random, len(wave), 3.0), 300, 5000) * (0.35 if strong else 0.04)
    return wave + rush, (
        f"{'a rushing river' if strong else 'a small brook trickling'}",
        f"{'strong' if strong else 'gentle'} running water",
        f"{'a lively stream over rocks' if strong else 'a quiet babbling stream'}",
    )


def wind(random: Random, length: float) -> Made:
    strong = random.random() < 0.5
    noise = coloured(random, len(seconds(length)), 4.0)
    gust = wander(random, len(noise), 0.6)[:, None]
    layers = sum(band(noise, hz, 1.6 * hz, 1) * gust ** (1 + k) for k, hz in enumerate((120, 350, 900)))
    whistle = band(white(random, len(noise)), *((620, 680) if strong else (300, 340))) * gust**3
    return np.asarray(layers) + whistle * (0.5 if strong else 0.05), (
        f"{'strong howling wind' if strong else 'a gentle breeze'}",
        f"{'gusts of a gale' if strong else 'soft wind, slowly moving'}",
        f"{'a storm wind' if strong else 'light air in the open'}",
    )


def fire(random: Random, length: float) -> Made:
    big = random.random() < 0.5
    times = often(random, length, random.uniform(25, 45) if big else random.uniform(5, 12))
    grains = [white(random, 400, 1)[:, 0] * decay(400 / 44_100, fall) for fall in (0.0004, 0.001, 0.0025)]
    crackle = scattered(random, length, times, lambda: grains[random.integers(3)] * random.pareto(2.5))
    roar = low(coloured(random, len(crackle), 5.0), 300) * (0.25 if big else 0.05)
    return crackle + roar * (0.6 + 0.8 * wander(random, len(roar), 3)[:, None]), (
        f"{'a big bonfire, crackling and roaring' if big else 'a small campfire crackling'}",
        f"{'dense' if big else 'sparse'} crackling of burning wood",
        f"{'a strong fire' if big else 'a quiet fireplace'}",
    )


def thunder(random: Random, length: float) -> Made:
    distant = random.random() < 0.5
    times = seconds(length)
    wave = np.zeros((len(times), 2))
    for start in random.uniform(0.1, max(0.2, length - 4), 2 if distant else 3):
        after = np.clip(times - start, 0, None)
        shape = (
            (after > 0) * np.exp(-after / random.uniform(1.2, 2.5)) * (0.4 + wander(random, len(times), 5))
        )
        corner = random.uniform(90, 160) if distant else random.uniform(300, 900)
        wave += low(coloured(random, len(times), 4.0), corner) * shape[:, None]
    return wave, (
        f"{'distant' if distant else 'close'} thunder rolling",
        f"{'low thunder far away' if distant else 'loud thunderclaps overhead'}",
        "thunder rumbling and dying away",
    )


def birds(random: Random, length: float) -> Made:
    many = random.random() < 0.5
    songs = []
    for _ in range(6 if many else 2):
        hz, notes = random.uniform(2500, 6000), random.integers(2, 7)
        bends = random.uniform(0.75, 1.35, notes)
        songs.append([swept(hz * random.uniform(0.8, 1.2), hz * bend, 0.09, 0.06) for bend in bends])

    def song() -> Wave:
        notes = songs[random.integers(len(songs))]
        gap = np.zeros(random.integers(1500, 4000))
        return np.concatenate([part for note in notes for part in (note, gap)]) * random.uniform(0.2, 1)

    wave = scattered(random, length, often(random, length, 3.5 if many else 0.5), song)
    air = band(coloured(random, len(wave), 3.0), 200, 6000) * 0.01
    return in_room(random, wave, 0.4, 0.2) + air, (
        f"{'many birds singing' if many else 'a few birds singing'}",
        f"{'a dense dawn chorus' if many else 'a single bird now and then'}",
        f"{'a forest full of birds' if many else 'a quiet forest with one or two birds'}",
    )


def crickets(random: Random, length: float) -> Made:
    many = random.random() < 0.5
    times, wave = seconds(length), np.zeros((len(seconds(length)), 2))
    for _ in range(random.integers(6, 12) if many else random.integers(1, 3)):
        hz, rate, trill = random.uniform(3800, 5200), random.uniform(1.5, 3.5), random.uniform(30, 60)
        pulses = np.clip(np.sin(2 * np.pi * trill * times), 0, None) ** 2
        chirps = (times * rate + random.random()) % 1 < random.uniform(0.2, 0.45)
        pan = random.uniform(0.1, 0.9)
        voice = np.sin(2 * np.pi * hz * times) * pulses * chirps * random.uniform(0.2, 1)
        wave += voice[:, None] * (np.sqrt(1 - pan), np.sqrt(pan))
    return wave + band(coloured(random, len(wave), 3.0), 150, 3000) * 0.01, (
        f"{'many crickets chirping at night' if many else 'a single cricket chirping at night'}",
        f"{'a chorus of night insects' if many else 'one or two crickets in the dark'}",
        "night insects, rhythmic chirps",
    )


def frogs(random: Random, length: float) -> Made:
    def croak() -> Wave:
        times = seconds(random.uniform(0.2, 0.5))
        buzz = (times * random.uniform(28, 60)) % 1 < 0.15
        hz = random.uniform(450, 1400)
        body = band(buzz * random.standard_normal(len(times)), hz, 1.5 * hz)
        return body * np.hanning(len(times)) * random.uniform(0.3, 1)

    wave = scattered(random, length, often(random, length, random.uniform(1, 4)), croak)
    return in_room(random, wave, 0.5, 0.2), (
        "frogs croaking in a pond",
        "croaking frogs at night",
        "frogs calling to each other, wide",
    )


def drips(random: Random, length: float) -> Made:
    def drop() -> Wave:
        hz = random.uniform(700, 2200)
        return swept(hz, hz * random.uniform(1.2, 1.8), 0.12, 0.02) * random.uniform(0.2, 1)

    wave = scattered(random, length, often(random, length, random.uniform(0.8, 3)), drop)
    return in_room(random, wave, random.uniform(1.0, 2.5), 0.5), (
        "water dripping in a cave",
        "single drops echoing in a cavern",
        "a cave with dripping water and long reverberation",
    )


def hail(random: Random, length: float) -> Made:
    grains = [
        band(white(random, 500, 1)[:, 0], hz, 2.5 * hz) * decay(500 / 44_100, 0.002)
        for hz in (700, 1800, 4000)
    ]
    times = often(random, length, random.uniform(90, 250))
    wave = scattered(random, length, times, lambda: grains[random.integers(3)] * random.exponential())
    return wave, ("hail on a roof", "hailstones clattering down", "dense hail, hard and bright")


def bubbles(random: Random, length: float) -> Made:
    def bubble() -> Wave:
        hz = random.uniform(150, 700)
        return swept(hz, hz * random.uniform(1.3, 2.2), 0.1, 0.03) * random.uniform(0.2, 1)

    wave = scattered(random, length, often(random, length, random.uniform(15, 50)), bubble, spread=0.6)
    return wave, ("boiling water bubbling", "thick bubbles rising in a pot", "bubbling liquid, close")
