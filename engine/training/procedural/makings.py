"""Rooms, machines, bells and drones out of formulas. A voice is a function of a generator and seconds."""

from __future__ import annotations

import numpy as np

from engine.training.procedural.tools import (
    Made,
    Random,
    band,
    coloured,
    decay,
    in_room,
    low,
    often,
    scattered,
    seconds,
    struck,
    wander,
    white,
)


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
