"""The verdict of a shortcut audit: by which rule, and in which words."""

from collections.abc import Mapping

from covid_desktop.core.audit import Area, ShortcutAudit, Sight, Verdict

WITHOUT_LUNGS: dict[Sight, str] = {
    "file-properties": "by the properties of their files",
    "outer-frame": "by their outer frame",
    "blacked-out": "with their centre blacked out",
}
"""What the verdict rests on. A thumbnail shows the lungs, if coarsely: large opacities can be seen in it."""

AMBER, RED = 0.65, 0.75
"""From which lower end of the 95 % interval on an AUROC is partly, and clearly, a shortcut."""

_FIXES: dict[Verdict, str] = {
    "red": "Do not trust a model of these images, however accurate it seems. Take both classes from the same "
    "hospitals, machines and time, exported in the same way; then audit again.",
    "amber": "Part of a model's accuracy may be such a shortcut. See which images it comes from, take both "
    "classes from the same source, and judge the model on images from elsewhere.",
    "green": "Judge the model on images from elsewhere all the same: an audit cannot find every shortcut.",
}
_FEW = " With so few images a weak shortcut would not be seen."
_UNSURE = 0.75  # where the interval reaches so high, an amber shortcut may be there
_NO_PATIENTS = (
    " Not all patients are known: where several images are of one patient, these numbers are too high; "
    "name the patients first."
)


def judged(
    areas: dict[Sight, Area], validation: dict[Sight, Area], total: int, *, patients_known: bool
) -> ShortcutAudit:
    """The verdict on what was found, over ``total`` images of which some may have been left out."""
    worst = max(WITHOUT_LUNGS, key=lambda sight: areas[sight].low)
    verdict = _verdict(areas[worst])
    fix = _FIXES[verdict]
    if verdict != "green" and not patients_known:
        fix += _NO_PATIENTS
    if verdict == "green" and max(areas[sight].high for sight in WITHOUT_LUNGS) > _UNSURE:
        fix += _FEW
    return ShortcutAudit(
        verdict=verdict,
        sentence=_sentence(verdict, worst, areas),
        fix=fix,
        areas=areas,
        n=areas[worst].n,
        total=total,
        validation=validation,
    )


def _verdict(found: Area) -> Verdict:
    if found.low >= RED:
        return "red"
    return "amber" if found.low >= AMBER else "green"


def _sentence(verdict: Verdict, worst: Sight, areas: Mapping[Sight, Area]) -> str:
    whole = f"the whole picture reaches {areas['whole-picture'].auroc:.2f}"
    found = f"AUROC {areas[worst].auroc:.2f}"
    if verdict == "green":
        most = max((areas[sight] for sight in WITHOUT_LUNGS), key=lambda area: area.auroc)
        return (
            f"No shortcut was found: without the lungs the AUROC is {most.auroc:.2f} at most "
            f"(95 % interval to {most.high:.2f}), {whole}."
        )
    how = "can be told apart" if verdict == "red" else "can partly be told apart"
    return f"Images {how} without the lungs ({found}), {WITHOUT_LUNGS[worst]}; {whole}."
