"""What is reported of a scorer, on numbers small enough to count by hand."""

import math

import numpy as np

from services.scorer.training.measures import average_precision, calibration_error, pairs_in_order, recall_at

LABELS = np.array([True, False, True, False])
SCORES = np.array([0.9, 0.8, 0.3, 0.1])


def test_three_of_four_pairs_are_in_order() -> None:
    assert pairs_in_order(LABELS, SCORES) == 0.75


def test_a_tie_counts_half() -> None:
    assert pairs_in_order(np.array([True, False]), np.array([0.5, 0.5])) == 0.5


def test_without_both_kinds_there_is_no_order_to_speak_of() -> None:
    assert math.isnan(pairs_in_order(np.array([True, True]), np.array([0.1, 0.2])))
    assert math.isnan(recall_at(np.array([False, False]), np.array([0.1, 0.2]), 0.05))


def test_precision_is_averaged_over_the_places_of_the_positives() -> None:
    assert average_precision(LABELS, SCORES) == (1 + 2 / 3) / 2


def test_recall_counts_what_stands_above_the_first_false_positive_too_many() -> None:
    assert recall_at(LABELS, SCORES, 0.0) == 0.5
    assert recall_at(LABELS, SCORES, 0.5) == 1.0


def test_probabilities_that_come_true_have_no_error() -> None:
    assert calibration_error(np.array([True, False]), np.array([1.0, 0.0])) == 0.0
    assert calibration_error(np.array([True, False]), np.array([0.5, 0.5])) == 0.0
    assert calibration_error(np.array([False, False]), np.array([0.75, 0.75])) == 0.75
