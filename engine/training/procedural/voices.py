"""The scenes that formulas can say: each voice gives a stereo wave and the captions that are true of it.

A voice is a function of a generator and a length in seconds. Levels do not matter: they are set afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.training.procedural.tools import (
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
    struck,
    swept,
    wander,
    white,
)

Made = tuple[Wave, tuple[str, ...]]
Voice = Callable[[Random, float], Made]


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


def clock(random: Random, length: float) -> Made:
    rate, hz = random.choice([1.0, 2.0, 4.0, 5.0]), random.uniform(1500, 4500)
    times = np.arange(random.uniform(0, 1 / rate), length - 0.1, 1 / rate)
    falls = np.array([0.004, 0.003, 0.002])
    ticks = [struck(hz * part * np.array([1.0, 1.7, 2.9]), np.ones(3), falls, 0.05) for part in (1.0, 0.85)]
    count = iter(range(len(times)))
    wave = scattered(random, length, times, lambda: ticks[next(count) % 2], spread=0.1)
    name = "a watch" if rate > 2 else "a clock"
    return in_room(random, wave, 0.2, 0.15), (
        f"{name} ticking",
        f"{name} ticking in a quiet room",
        f"regular ticks of {name}",
    )


def typing(random: Random, length: float) -> Made:
    fast = random.random() < 0.5
    grains = np.stack(
        [
            band(white(random, 900, 1)[:, 0], hz, 2.5 * hz) * decay(900 / 44_100, 0.003)
            for hz in (500, 1500, 3500)
        ]
    )
    times = often(random, length, random.uniform(7, 10) if fast else random.uniform(2, 4))
    wave = scattered(random, length, times, lambda: random.random(3) @ grains, spread=0.3)
    return in_room(random, wave, 0.15, 0.15), (
        f"{'fast' if fast else 'slow'} typing on a keyboard",
        "computer keyboard clicks",
        f"{'hurried' if fast else 'unhurried'} typing in an office",
    )


def hum(random: Random, length: float) -> Made:
    base, times = random.choice([50.0, 60.0, 100.0, 120.0]), seconds(length)
    numbers = np.arange(1, 25)
    levels = numbers ** -random.uniform(0.6, 2.0) * random.uniform(0.3, 1, len(numbers))
    tone = (levels * np.sin(2 * np.pi * base * numbers * times[:, None] + random.uniform(0, 6.28, 24))).sum(1)
    buzz = levels[8:].sum() > 0.3
    return tone[:, None] + 0.02 * coloured(random, len(times), 2.0), (
        f"{'electrical buzzing' if buzz else 'low mains hum'}",
        f"{'a buzzing transformer' if buzz else 'a humming transformer'}",
        "steady electric hum",
    )


def fan(random: Random, length: float) -> Made:
    times = seconds(length)
    blades = random.uniform(20, 110)
    air = band(coloured(random, len(times), 3.0), 80, random.uniform(2500, 7000))
    turning = 1 + random.uniform(0.05, 0.25) * np.sin(2 * np.pi * blades * times)[:, None]
    tone = sum(np.sin(2 * np.pi * blades * k * times) / k for k in (1, 2, 3))
    return air * turning + random.uniform(0.05, 0.3) * np.asarray(tone)[:, None], (
        "a fan running",
        "steady air from a ventilator",
        "an air conditioner humming and blowing",
    )


def noise_colour(random: Random, length: float) -> Made:
    name, slope = (("white", 0.0), ("pink", 3.0), ("brown", 6.0))[random.integers(3)]
    return coloured(random, len(seconds(length)), slope), (
        f"{name} noise",
        f"steady {name} noise for sleep",
        f"{name} noise, wide stereo",
    )


def room_tone(random: Random, length: float) -> Made:
    samples = len(seconds(length))
    air = low(coloured(random, samples, 5.0), random.uniform(300, 1500), 1)
    hiss = coloured(random, samples, 1.0) * random.uniform(0.005, 0.03)
    return air + hiss, ("room tone of an empty room", "quiet indoor air", "a silent room, faint and dark")


def vinyl(random: Random, length: float) -> Made:
    grains = [white(random, 60, 1)[:, 0] * decay(60 / 44_100, 0.0003), 3 * decay(0.004, 0.0008)]
    pops = often(random, length, random.uniform(8, 30))
    crackle = scattered(random, length, pops, lambda: grains[random.random() < 0.1] * random.pareto(3), 0.4)
    hiss = coloured(random, len(crackle), 2.0) * 0.01
    rumble = low(coloured(random, len(crackle), 6.0), 60) * 0.03
    return crackle * 0.5 + hiss + rumble, (
        "vinyl crackle",
        "crackle and hiss of an old record",
        "a needle in the run-out groove",
    )


def spaceship(random: Random, length: float) -> Made:
    times, base = seconds(length), random.uniform(35, 80)
    tones = [
        np.sin(2 * np.pi * base * k * detune * times) / k
        for k in range(1, 7)
        for detune in random.uniform(0.995, 1.005, 2)
    ]
    left_right = np.stack([sum(tones[::2]), sum(tones[1::2])], 1)
    air = (
        band(coloured(random, len(times), 3.0), 100, 1500)
        * (0.4 + 0.4 * wander(random, len(times), 0.5))[:, None]
    )
    beeps = scattered(
        random,
        length,
        often(random, length, random.choice([0.0, 0.7])),
        lambda: 0.3 * np.sin(2 * np.pi * random.choice([880, 1320, 1760]) * seconds(0.08)),
    )
    return left_right + air + in_room(random, beeps, 0.5, 0.4), (
        "inside a spaceship, engines droning",
        "a starship's low engine hum",
        "science fiction drone, deep and steady",
    )


def horror(random: Random, length: float) -> Made:
    times = seconds(length)
    wave = np.zeros((len(times), 2))
    for hz in random.uniform(40, 420, 9):
        glide = hz * (1 + 0.02 * wander(random, len(times), 0.4))
        tone = np.sin(2 * np.pi * np.cumsum(glide) / 44_100) * wander(random, len(times), 0.5) ** 2
        wave += tone[:, None] * random.uniform(0.2, 1, 2)
    breath = (
        band(coloured(random, len(times), 3.0), 300, 1200) * (wander(random, len(times), 0.6) ** 3)[:, None]
    )
    return in_room(random, wave + 0.8 * breath, 2.0, 0.5), (
        "an eerie drone, dark and tense",
        "horror ambience with low swells",
        "an uneasy dark atmosphere",
    )


def chimes(random: Random, length: float) -> Made:
    base = random.uniform(900, 1600)
    scale = base * 2 ** (np.array([0, 2, 4, 7, 9, 12]) / 12)
    parts, levels, falls = np.array([1, 2.76, 5.4]), np.array([1, 0.4, 0.15]), np.array([1.6, 0.7, 0.3])
    wave = scattered(
        random,
        length,
        often(random, length, random.uniform(1.5, 4)),
        lambda: struck(random.choice(scale) * parts, levels, falls, 2.0) * random.uniform(0.2, 1),
    )
    return in_room(random, wave, 0.5, 0.15), (
        "wind chimes",
        "metal chimes moving in the wind",
        "bright chimes on a porch",
    )


def bells(random: Random, length: float) -> Made:
    base, gap = random.uniform(160, 420), random.uniform(1.4, 3)
    parts = np.array([0.5, 1, 1.19, 1.5, 2, 2.5, 3, 4.1])
    levels, falls = (
        np.array([0.5, 1, 0.7, 0.4, 0.8, 0.3, 0.3, 0.2]),
        np.array([5, 3, 2.5, 2, 1.6, 1, 0.8, 0.5]),
    )
    bell = struck(base * parts, levels, falls, 6.0)
    wave = scattered(random, length, np.arange(0.1, length, gap), lambda: bell, spread=0.2)
    return in_room(random, wave, 2.0, 0.3), (
        "a church bell tolling",
        "a large bell ringing slowly",
        "bells of a cathedral, long and deep",
    )


def engine(random: Random, length: float) -> Made:
    times, rate = seconds(length), random.uniform(9, 28)
    phase = (times * rate * (1 + 0.01 * wander(random, len(times), 1))) % 1
    bursts = low(white(random, len(times)), 700) * np.exp(-phase * 6)[:, None]
    body = sum(np.sin(2 * np.pi * rate * k * times) / k for k in range(1, 12))
    return bursts * 3 + 0.4 * np.asarray(body)[:, None], (
        "a machine running, rhythmic and low",
        "a motor chugging steadily",
        "machinery in a workshop, regular strokes",
    )


def bubbles(random: Random, length: float) -> Made:
    def bubble() -> Wave:
        hz = random.uniform(150, 700)
        return swept(hz, hz * random.uniform(1.3, 2.2), 0.1, 0.03) * random.uniform(0.2, 1)

    wave = scattered(random, length, often(random, length, random.uniform(15, 50)), bubble, spread=0.6)
    return wave, ("boiling water bubbling", "thick bubbles rising in a pot", "bubbling liquid, close")


VOICES: Mapping[str, Voice] = {
    "rain": rain,
    "ocean_waves": waves,
    "stream_river": stream,
    "wind": wind,
    "fire": fire,
    "thunder": thunder,
    "forest_birds": birds,
    "night_insects": crickets,
    "frogs": frogs,
    "cave": drips,
    "hail": hail,
    "clock": clock,
    "keyboard": typing,
    "electric_hum": hum,
    "fan_ac": fan,
    "noise_colour": noise_colour,
    "room_tone": room_tone,
    "vinyl": vinyl,
    "spaceship": spaceship,
    "horror": horror,
    "wind_chimes": chimes,
    "church_temple": bells,
    "machinery": engine,
    "boiling_bubbles": bubbles,
}
"""Scene -> its voice."""
