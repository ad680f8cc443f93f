"""The report as HTML: one whole file, nothing from outside, and nothing in it that must not leave."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from covid_desktop.core.evaluation import Evaluation
from covid_desktop.core.prediction import RESEARCH_USE
from covid_desktop.report import evaluation_body, evaluation_html, title_of

EMPTY = {"img", "meta", "br", "hr"}
PAGE_WIDTH = 657  # pixels that the margins of A4 leave


class Page(HTMLParser):
    """What a page holds; elements that are not closed, or are in one they cannot be in, are ``faults``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self._open.append(tag)
        if tag in ("p", "table", "ul", "h1", "h2", "h3") and "p" in self._open[:-1]:
            self.faults.append(f"{tag} in p")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(reported: SimpleNamespace, **changes: Any) -> Page:
    return Page(evaluation_html(replace(reported.card, **changes), reported.judgements))


def test_every_element_is_closed_and_in_its_place(reported: SimpleNamespace) -> None:
    made = page(reported)
    assert made.faults == []
    assert [attributes["lang"] for attributes in made.all("html")] == ["en"]
    assert len(made.all("title")) == len(made.all("h1")) == 1


def test_the_probe_finds_faults() -> None:
    assert Page("<p><b>a</p>").faults
    assert Page("<p><table></table></p>").faults == ["table in p"]


def test_nothing_runs_and_nothing_comes_from_outside(reported: SimpleNamespace) -> None:
    made = page(reported)
    assert {"script", "link", "iframe", "a", "form"} & {name for name, _ in made.elements} == set()
    attributes = [name for _, each in made.elements for name in each]
    assert [name for name in attributes if name.startswith("on")] == []
    assert all(str(image["src"]).startswith("data:image/png;base64,") for image in made.all("img"))
    html = evaluation_html(reported.card, reported.judgements)
    assert re.findall(r"https?:|url\(|@import", html) == []


def test_pictures_are_whole_fit_the_page_and_are_told_in_words(reported: SimpleNamespace) -> None:
    images = page(reported).all("img")
    for image in images:
        picture = Image.open(BytesIO(base64.b64decode(str(image["src"]).partition(",")[2])))
        picture.load()
        width, height = int(str(image["width"])), int(str(image["height"]))
        assert width <= PAGE_WIDTH
        assert picture.width / width * 96 >= 199
        assert picture.width / picture.height == pytest.approx(width / height, rel=0.02)
    words = " ".join(str(image["alt"]) for image in images)
    for one in ("ROC", "Precision-recall", "Scores", "Confusion matrix: 5 true", "Reliability", "audit"):
        assert one in words


def test_each_set_of_images_has_its_pictures(reported: SimpleNamespace) -> None:
    both = len(page(reported).all("img"))
    one = len(Page(evaluation_html(reported.card, reported.judgements[:1])).all("img"))
    none = len(Page(evaluation_html(reported.card, [])).all("img"))
    assert (both, one, none) == (2 + 1 + 2 * 3 + 1, 2 + 3 + 1, 1)


def test_neither_paths_nor_patients_nor_single_hashes_are_named(reported: SimpleNamespace) -> None:
    html = evaluation_html(reported.card, reported.judgements)
    assert "north, validation" in html
    assert [secret for secret in reported.secrets if secret in html] == []


def test_research_use_stands_on_each_page(reported: SimpleNamespace) -> None:
    """Browsers repeat the head of a table on each page it is printed on."""
    html = evaluation_html(reported.card, reported.judgements)
    whole = (
        r'<table class="page" role="presentation">\s*<thead><tr><td><p>(.*?)</p></td></tr></thead>\s*<tbody>'
    )
    assert re.findall(whole, html) == [RESEARCH_USE]
    assert "display: table-header-group" in html
    assert page(reported).texts.count(RESEARCH_USE) == 2


def test_names_are_text_and_never_markup(reported: SimpleNamespace) -> None:
    odd = replace(reported.judgements[1], folder=Path('/x/<img src=x onerror="y">&amp;\x07\udcff'))
    card = replace(reported.card, class_names=("<b>A", "B & C"), threshold_origin="</table><script>")
    html = evaluation_html(card, [odd])
    made = Page(html)
    assert made.faults == []
    assert not made.all("script")
    assert all(str(image["src"]).startswith("data:") for image in made.all("img"))
    assert '<img src=x onerror="y">&amp;' in made.text
    assert "<b>A" in made.text
    html.encode("utf-8")


def test_letters_that_the_figures_cannot_draw_are_no_fault(reported: SimpleNamespace) -> None:
    assert page(reported, class_names=("健康", "新冠")).faults == []


@pytest.mark.parametrize("labels", [(1, 1), (0, 0)])
def test_a_set_of_one_class_can_be_reported(reported: SimpleNamespace, labels: tuple[int, ...]) -> None:
    judged = Evaluation(labels=labels, scores=(0.1, 0.9), threshold=0.5)
    made = Page(evaluation_html(reported.card, [replace(reported.judgements[0], evaluation=judged)]))
    assert made.faults == []
    assert "Not defined: images of both classes are needed" in made.text


def test_a_card_without_audit_and_calibration_can_be_reported(reported: SimpleNamespace) -> None:
    made = page(reported, audit={}, calibration={}, indeterminate=None)
    assert made.faults == []
    assert "No shortcut audit is in the card" in made.text


def test_results_come_first(reported: SimpleNamespace) -> None:
    body = evaluation_body(reported.card, reported.judgements)
    assert body.startswith(f"<h1>{title_of(reported.card)}</h1>\n<h2>Results</h2>")
    headings = re.findall("<h2>(.*?)</h2>", body)
    assert len(headings) == len(set(headings)) == 11


def test_the_same_evaluation_gives_the_same_file(reported: SimpleNamespace) -> None:
    first, second = (evaluation_html(reported.card, reported.judgements) for _ in range(2))
    assert first == second
