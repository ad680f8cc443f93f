"""What a reader says about a result."""

import pytest

from covid_desktop.core.review import NOT_REVIEWED, Review


def test_nothing_is_said_at_first_and_nobody_is_named() -> None:
    assert Review(verdict=None, comment="", who="", when="") == NOT_REVIEWED
    assert NOT_REVIEWED.words == ""


@pytest.mark.parametrize(
    ("review", "words"),
    [
        (Review(verdict="agreed"), "Agreed"),
        (Review(verdict="disagreed", comment="Effusion"), "Disagreed, comment: Effusion"),
        (Review(comment="blurred"), "Comment: blurred"),
        (Review(verdict="agreed", who="R. Frank", when="2026-01-02T03:04:05+00:00"), "Agreed"),
    ],
)
def test_in_words(review: Review, words: str) -> None:
    assert review.words == words
