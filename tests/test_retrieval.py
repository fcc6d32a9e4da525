"""Figures of a CLAP, on vectors that show the answer."""

from __future__ import annotations

import torch

from engine.training.retrieval import nearest_scenes, recall, scene_vectors, word_hits

EAST, NORTH, WEST = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])


def test_a_scene_lies_at_the_mean_direction_of_its_members_whatever_their_length() -> None:
    scenes = scene_vectors(torch.stack([EAST * 9, NORTH, WEST]), ["rain", "rain", "fire"])
    torch.testing.assert_close(scenes["rain"], torch.tensor([0.5, 0.5]))
    torch.testing.assert_close(scenes["fire"], WEST)


def test_recall_counts_the_queries_whose_scene_is_near_enough() -> None:
    targets = {"rain": EAST, "wind": NORTH, "fire": WEST}
    queries = torch.tensor([[1.0, 0.1], [1.0, 0.2], [0.0, 1.0]])
    assert recall(queries, ["rain", "wind", "wind"], targets, top=1) == 2 / 3
    assert recall(queries, ["rain", "wind", "wind"], targets, top=2) == 1
    assert recall(queries, ["rain", "snow", "wind"], targets, top=1) == 1
    assert recall(queries, ["snow"] * 3, targets, top=1) == 0


def test_the_nearest_scenes_come_in_order() -> None:
    targets = {"rain": EAST, "wind": NORTH, "fire": WEST}
    assert nearest_scenes(torch.tensor([[1.0, 0.3]]), targets) == [["rain", "wind", "fire"]]


def test_a_word_hits_when_its_first_scene_is_one_of_the_right_ones() -> None:
    known = {"rain": EAST, "wind": NORTH}
    nearest = [["rain", "wind"], ["rain", "wind"], ["wind", "rain"]]
    assert word_hits(nearest, ["rain hail", "wind", "volcano"], known) == 0.5
