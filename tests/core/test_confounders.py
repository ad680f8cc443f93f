"""Properties of files and exposure that alone tell the classes apart."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from covid_desktop.core.confounders import confounder_findings
from covid_desktop.core.dataset import Sample
from covid_desktop.core.facts import ImageFacts
from covid_desktop.core.findings import Finding
from covid_desktop.core.properties import PROPERTIES

NAMES = ("Healthy", "COVID-19")
Plant = Callable[[ImageFacts], ImageFacts]
"""What is different about positive images."""


def made_up(rng: np.random.Generator) -> ImageFacts:
    """Each property by lot, whatever the class."""
    width, height = rng.integers(900, 1200, 2)
    return ImageFacts(
        sha256="",
        format=str(rng.choice(["PNG", "JPEG"])),
        file_bytes=int(width * height * rng.uniform(0.4, 0.6)),
        width=int(width),
        height=int(height),
        frames=1,
        bits=int(rng.choice([8, 8, 12])),
        make=str(rng.choice(["Carestream", "Siemens", ""])),
        view=str(rng.choice(["AP", "PA"])),
        mean=float(rng.normal(120, 10)),
        contrast=float(rng.normal(50, 5)),
        colour=0.0,
        phash=bytes(18),
        thumbnail=bytes(64 * 64),
    )


def scaled(facts: ImageFacts, across: float, down: float) -> ImageFacts:
    width, height = round(facts.width * across), round(facts.height * down)
    file_bytes = round(facts.file_bytes * width * height / facts.width / facts.height)
    return replace(facts, width=width, height=height, file_bytes=file_bytes)


PLANTS: dict[str, Plant] = {
    "size": lambda facts: scaled(facts, 1.5, 1.5),
    "aspect": lambda facts: scaled(facts, 1.3, 1 / 1.3),
    "file-type": lambda facts: replace(facts, format="DICOM"),
    "bytes-per-pixel": lambda facts: replace(facts, file_bytes=2 * facts.file_bytes),
    "bit-depth": lambda facts: replace(facts, bits=16),
    "maker": lambda facts: replace(facts, make="Agfa"),
    "view": lambda facts: replace(facts, view="LL"),
    "colour": lambda facts: replace(facts, colour=0.2),
    "brightness": lambda facts: replace(facts, mean=facts.mean + 50),
    "contrast": lambda facts: replace(facts, contrast=facts.contrast + 25),
}


def images(
    plant: Plant, *, seed: int = 0, each: int = 50, share: float = 1.0
) -> tuple[list[Sample], dict[Path, ImageFacts]]:
    """``each`` of both classes; ``plant`` changes a ``share`` of the positive ones."""
    rng = np.random.default_rng(seed)
    samples = [Sample(path=Path(f"/data/{number}.png"), label=number % 2) for number in range(2 * each)]
    facts = {sample.path: made_up(rng) for sample in samples}
    for sample in samples:
        if sample.label and rng.random() < share:
            facts[sample.path] = plant(facts[sample.path])
    return samples, facts


def found(samples: list[Sample], facts: Mapping[Path, ImageFacts]) -> dict[str, Finding]:
    findings = confounder_findings(samples, facts, list(range(len(samples))), NAMES)
    return {finding.kind.removeprefix("confounder-"): finding for finding in findings}


def test_every_property_is_tried() -> None:
    assert set(PLANTS) == {prop.key for prop in PROPERTIES}


@pytest.mark.parametrize("key", PLANTS)
def test_a_property_of_one_class_is_found_and_named(key: str) -> None:
    samples, facts = images(PLANTS[key])
    findings = found(samples, facts)
    # Another aspect ratio is another width or height.
    assert set(findings) == ({"aspect", "size"} if key == "aspect" else {key})
    title = next(prop.title for prop in PROPERTIES if prop.key == key)
    assert findings[key].title.startswith(f"{title} alone tells COVID-19 from Healthy: AUROC ")
    assert findings[key].severity == ("warning" if key in ("brightness", "contrast") else "serious")


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_found_where_nothing_was_planted(seed: int) -> None:
    assert found(*images(lambda facts: facts, seed=seed)) == {}


def test_a_class_is_told_by_what_its_images_lack() -> None:
    """Either way round: here the healthy are those from elsewhere."""
    samples, facts = images(PLANTS["maker"])
    turned = [replace(sample, label=1 - sample.label) for sample in samples]
    assert set(found(turned, facts)) == {"maker"}


def test_a_property_of_some_images_is_a_warning() -> None:
    (finding,) = found(*images(PLANTS["maker"], share=0.6)).values()
    assert finding.kind == "confounder-maker"
    assert finding.severity == "warning"


def test_images_that_are_all_alike_confound_nothing() -> None:
    samples, _ = images(lambda facts: facts)
    alike = made_up(np.random.default_rng(0))
    assert found(samples, dict.fromkeys((sample.path for sample in samples), alike)) == {}


def test_what_is_typical_of_each_class_is_said() -> None:
    (finding,) = found(*images(PLANTS["bit-depth"])).values()
    assert "typical of COVID-19 is 16 bit, of Healthy 8 bit" in finding.why


def test_the_most_telling_comes_first() -> None:
    def plant(facts: ImageFacts) -> ImageFacts:
        return PLANTS["view"](replace(facts, mean=facts.mean + 15))

    findings = found(*images(plant))
    assert list(findings) == ["view", "brightness"]


def test_exposure_may_be_the_disease_and_the_file_may_not() -> None:
    bright, deep = (found(*images(PLANTS[key]))[key] for key in ("brightness", "bit-depth"))
    assert "The disease may do this too" in bright.fix
    assert "Take both classes from the same source and machines" in deep.fix


# --- examples


def test_up_to_twelve_examples_of_each_class_have_notes() -> None:
    samples, facts = images(PLANTS["size"])
    (finding,) = found(samples, facts).values()
    assert all(len(group) == 1 for group in finding.groups)
    positive, negative = finding.paths[:12], finding.paths[12:]
    label = {sample.path: sample.label for sample in samples}
    assert len(set(positive)) == len(set(negative)) == 12
    assert {label[path] for path in positive} == {1}
    assert {label[path] for path in negative} == {0}
    assert finding.notes.keys() == {*positive, *negative}
    first = facts[positive[0]]
    assert finding.notes[positive[0]] == f"COVID-19: {first.width} x {first.height} pixels"


def test_all_of_a_small_class_are_examples() -> None:
    samples, facts = images(PLANTS["maker"], each=9)
    (finding,) = found(samples, facts).values()
    assert sorted(finding.paths) == sorted(facts)


def test_the_examples_are_those_that_the_property_gives_away() -> None:
    samples, facts = images(PLANTS["maker"], each=60, share=0.7)
    paths = found(samples, facts)["maker"].paths
    positive, negative = paths[:12], paths[12:]
    assert {facts[path].make for path in positive} == {"Agfa"}
    assert "Agfa" not in {facts[path].make for path in negative}


# --- how many images


def test_nothing_is_said_of_too_few_images_or_patients() -> None:
    assert found(*images(PLANTS["maker"], each=4)) == {}
    samples, facts = images(PLANTS["maker"], each=50)
    four_patients_of_each = [n % 8 for n in range(100)]
    assert confounder_findings(samples, facts, four_patients_of_each, NAMES) == []


class Watched(dict[Path, ImageFacts]):
    """Remembers what was asked for."""

    def __init__(self, facts: Mapping[Path, ImageFacts]) -> None:
        super().__init__(facts)
        self.asked: set[Path] = set()

    def __getitem__(self, path: Path) -> ImageFacts:
        self.asked.add(path)
        return super().__getitem__(path)


def test_of_3000_images_2000_are_looked_at_and_some_of_every_patient() -> None:
    alike = made_up(np.random.default_rng(0))
    samples = [Sample(path=Path(f"/data/{number}.png"), label=number // 3 % 2) for number in range(3000)]
    facts = Watched({one.path: replace(alike, bits=16 if one.label else 8) for one in samples})
    (finding,) = confounder_findings(samples, facts, [number // 3 for number in range(3000)], NAMES)
    assert finding.kind == "confounder-bit-depth"
    taken = {int(path.stem) for path in facts.asked}
    assert len(taken) == 2000
    assert {number // 3 for number in taken} == set(range(1000))
