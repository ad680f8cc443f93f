"""The report of results as HTML: whole, nothing from outside, no places of files, and odd names as text."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from covid_desktop.core.adjustment import Adjustment
from covid_desktop.core.heatmap import HEATMAP_CAVEAT
from covid_desktop.core.phantom import draw_phantom
from covid_desktop.core.prediction import RESEARCH_USE, Prediction
from covid_desktop.core.review import Review
from covid_desktop.core.worklist_sections import MOST_PICTURES, MOST_ROWS, Names, ReportedImage
from covid_desktop.errors import Stopped
from covid_desktop.worklist_report import title_of, worklist_html, worklist_parts

EMPTY = {"img", "meta", "br"}
BLOCKS = {"p", "table", "ul", "h1", "h2", "h3"}
WHY = "It is a colour picture; the model learnt from grey ones."
ODD = f"{'long_' * 40}<script>alert(1)</script>&amp;\U0001f600\x07\udcff.png"
PIXELS = draw_phantom(0, positive=True, size=64).pixels


class Page(HTMLParser):
    """What a page holds; elements that are not closed or stand in a paragraph are ``faults``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in BLOCKS and "p" in self._open:
            self.faults.append(f"{tag} in p")
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def image(
    number: int = 0,
    score: float | None = 0.8,
    *,
    seen: bool = True,
    review: Review | None = None,
    **values: Any,
) -> ReportedImage:
    label = None if score is None else "Healthy" if score < 0.25 else "COVID-19"
    path = Path(f"/SECRET-PLACE/{number:03}.png")
    heat = np.full((8, 8), 0.1, np.float32)
    heat[2:4, 2:4] = 1
    return ReportedImage(
        name=values.pop("name", path.name),
        prediction=Prediction(path=path, label=label, score=score, threshold=0.25, **values),
        review=review or Review(),
        pixels=PIXELS if seen else None,
        heatmap=heat if seen and score is not None else None,
        central_share=0.36 if seen else None,
    )


def html_of(reported: SimpleNamespace, *images: ReportedImage, names: Names = "files") -> str:
    parts = worklist_parts(reported.card, "model.keras", images, names)
    return worklist_html(title_of(images, names), parts)


def page(reported: SimpleNamespace, *images: ReportedImage, names: Names = "files") -> Page:
    return Page(html_of(reported, *images, names=names))


MANY = [
    image(0),
    image(1, 0.1, review=Review(verdict="disagreed", comment="too bright")),
    image(2, None, refusal=WHY),
    image(3, None, seen=False, error="Empty file."),
    image(4, 0.7, refusal=WHY, adjustment=Adjustment(is_inverted=True)),
]


# --- one image


def test_one_image_has_its_result_its_pictures_and_its_model(reported: SimpleNamespace) -> None:
    review = Review(verdict="agreed", comment="both sides")
    made = page(reported, image(score=0.873, probability=0.82, review=review))
    words = ("Result of 000.png", "COVID-19", "0.82 of COVID-19", "Agreed", "both sides", "model.keras")
    for one in (*words, "Small CNN", "Youden index, on north", "Amber.", "2 findings", HEATMAP_CAVEAT):
        assert one in made.text
    assert "36 % of it lies in the central area" in made.text
    alts = [str(one["alt"]) for one in made.all("img")]
    assert alts[0].startswith(
        "Score 0.873 on a bar from 0 for Healthy to 1 for COVID-19; threshold 0.250, indet"
    )
    assert alts[1:] == ["000.png, and beside it the image with its heatmap."]


def test_a_caution_stands_before_a_result_that_was_wanted_anyway(reported: SimpleNamespace) -> None:
    text = page(reported, MANY[4]).text
    assert text.index(f"Caution: This image is not like the training images. {WHY}") < text.index("0.700")
    assert "Inverted" in text
    assert "Caution" not in page(reported, MANY[0]).text


def test_a_refused_image_is_not_scored_and_has_no_heatmap(reported: SimpleNamespace) -> None:
    made = page(reported, MANY[2])
    assert f"Not scoredThe image is not like the training images. {WHY}" in made.text.replace("\n", "")
    assert [one["alt"] for one in made.all("img")] == ["002.png."]
    assert HEATMAP_CAVEAT not in made.text


def test_an_unreadable_image_has_its_reason_and_no_picture(reported: SimpleNamespace) -> None:
    made = page(reported, MANY[3])
    assert "Not scoredEmpty file." in made.text.replace("\n", "")
    assert made.all("img") == []


# --- many


def test_many_images_have_a_summary_pictures_and_a_row_each(reported: SimpleNamespace) -> None:
    html = html_of(reported, *MANY)
    headings = re.findall("<h2>(.*?)</h2>", html)
    assert headings == ["Summary", "The model", "Pictures", "Images 1 to 5 of 5"]
    rows = re.findall(r'<tr><th scope="row">(00\d\.png)</th>', html)
    assert rows == [one.name for one in MANY]
    assert f"<td>Not scored: {WHY}</td>" in html
    assert "<td>COVID-19 (inverted; not like the training images)</td>" in html
    assert "<td>Disagreed</td><td>too bright</td>" in html


def test_pictures_of_positive_images_come_first_and_there_are_at_most_24(reported: SimpleNamespace) -> None:
    alts = [str(one["alt"])[:7] for one in page(reported, *MANY).all("img")]
    assert alts == ["000.png", "004.png", "001.png", "002.png"]
    crowd = [image(number, None, refusal=WHY) for number in range(MOST_PICTURES + 2)]
    assert len(page(reported, *crowd).all("img")) == MOST_PICTURES


def test_a_list_without_pictures(reported: SimpleNamespace) -> None:
    made = page(reported, image(0, seen=False), image(1, seen=False))
    assert made.faults == []
    assert made.all("img") == []
    assert "Pictures" not in made.text


def test_a_long_list_is_in_parts_with_a_head_each(reported: SimpleNamespace) -> None:
    images = [image(number % 900, 0.1, seen=False) for number in range(MOST_ROWS + 1)]
    parts = worklist_parts(reported.card, "model.keras", images, "numbers")
    assert len(parts) == 1 + MOST_ROWS // 250
    assert all(part.count("<thead>") == 1 for part in parts[1:])
    assert "Images 9,751 to 10,000 of 10,001" in parts[-1]
    assert sum(part.count('<th scope="row">Image ') for part in parts) == MOST_ROWS


def test_it_can_be_stopped_between_pictures(reported: SimpleNamespace) -> None:
    with pytest.raises(Stopped):
        worklist_parts(reported.card, "model.keras", MANY, "files", lambda: True)


# --- what every report owes


@pytest.mark.parametrize("images", [[one] for one in MANY] + [MANY], ids=[*"01234", "many"])
def test_it_is_whole_and_static(reported: SimpleNamespace, images: list[ReportedImage]) -> None:
    html = html_of(reported, *images)
    made = Page(html)
    assert made.faults == []
    assert {"script", "link", "iframe", "a", "form"} & {name for name, _ in made.elements} == set()
    assert [name for _, each in made.elements for name in each if name.startswith("on")] == []
    assert re.findall(r"https?:|url\(|@import", html) == []
    assert len(made.all("h1")) == 1
    assert made.text.count(RESEARCH_USE) == 2
    for one in made.all("img"):
        picture = Image.open(BytesIO(base64.b64decode(str(one["src"]).partition(",")[2])))
        picture.load()
        assert int(str(one["width"])) <= 657


@pytest.mark.parametrize("images", [MANY[:1], MANY], ids=["one", "many"])
def test_no_place_is_named(reported: SimpleNamespace, images: list[ReportedImage]) -> None:
    html = html_of(reported, *images)
    assert "000.png" in html
    assert [secret for secret in reported.secrets if secret in html] == []


@pytest.mark.parametrize("images", [MANY[:1], MANY], ids=["one", "many"])
def test_names_can_be_left_out(reported: SimpleNamespace, images: list[ReportedImage]) -> None:
    html = html_of(reported, *images, names="numbers")
    assert "Image 1" in html
    assert re.findall(r"00\d\.png", html) == []


@pytest.mark.parametrize("count", [1, 2])
def test_names_and_comments_are_text_and_never_markup(reported: SimpleNamespace, count: int) -> None:
    odd = image(name=ODD, review=Review(verdict="agreed", comment='</table><img src=x onerror="y">'))
    card = replace(reported.card, class_names=("<b>A", "B & C"), threshold_origin="</table><script>")
    html = html_of(SimpleNamespace(card=card), *[odd] * count)
    made = Page(html)
    assert made.faults == []
    assert made.all("script") == []
    assert all(str(one["src"]).startswith("data:image/png;base64,") for one in made.all("img"))
    assert "<script>alert(1)</script>&amp;\U0001f600\ufffd\ufffd.png" in made.text
    assert '</table><img src=x onerror="y">' in made.text
    html.encode("utf-8")


def test_a_long_name_is_cut_in_the_title_alone(reported: SimpleNamespace) -> None:
    assert len(title_of([image(name=ODD)], "files")) <= len("Result of ") + 40
    assert title_of([image(name="a.png")], "files") == "Result of a.png"
    assert title_of([image(name="a.png")], "numbers") == "Result of one image"
    assert title_of(MANY, "files") == "Results of 5 images"


def test_the_same_results_give_the_same_file(reported: SimpleNamespace) -> None:
    assert html_of(reported, *MANY) == html_of(reported, *MANY)
