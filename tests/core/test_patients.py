"""The table of patients, as text editors and spreadsheets write it."""

from pathlib import Path

import pytest

from covid_desktop.core.patients import Patients, Pattern, caught, salted
from covid_desktop.errors import DatasetError


@pytest.mark.parametrize(
    "text",
    [
        "path,patient\nCOVID/a.png,P 1\n",
        "path,patient\r\nCOVID/a.png,P 1\r\n",
        "\ufeffpath,patient\nCOVID/a.png,P 1\n",
        "path;patient\nCOVID/a.png;P 1\n",
        "patient,age,path\nP 1,40,COVID/a.png\n",
        "Path, Patient\nCOVID/a.png, P 1 \n",
        "path,patient\nCOVID\\a.png,P 1\n",
        "path,patient\n./COVID/a.png,P 1\n",
        'path,patient\n"COVID/a.png","P 1"\n',
        "path,patient\n\nCOVID/b.png\n,P 2\nCOVID/c.png,\nCOVID/a.png,P 1,more,columns\n",
    ],
)
def test_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "patients.csv").write_text(text, encoding="utf-8", newline="")
    patient_of = Patients(tmp_path).of
    assert patient_of(tmp_path / "COVID" / "a.png") == "P 1"
    assert patient_of(tmp_path / "COVID" / "b.png") is None
    assert patient_of(tmp_path / "COVID" / "c.png") is None


def test_odd_names_are_found(tmp_path: Path) -> None:
    names = ["a,b.png", "two\nlines.png", "line\u2028separator.png", "ü.png"]
    rows = "".join(f'"{name}",{number}\n' for number, name in enumerate(names))
    (tmp_path / "patients.csv").write_text(f"path,patient\n{rows}", encoding="utf-8", newline="")
    patient_of = Patients(tmp_path).of
    assert [patient_of(tmp_path / name) for name in names] == ["0", "1", "2", "3"]


def test_without_a_table_no_patient_is_known(tmp_path: Path) -> None:
    assert Patients(tmp_path).of(tmp_path / "a.png") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "lacks the column path or patient"),
        (b"\n\n", "lacks the column path or patient"),
        (b"COVID/a.png,P1\n", "lacks the column path or patient"),
        (b"path,name\na.png,P1\n", "lacks the column path or patient"),
        (b"patient\nP1\n", "lacks the column path or patient"),
        ("path,patient\na.png,Müller\n".encode("latin-1"), "cannot be read"),
        ("path,patient\na.png,P1\n".encode("utf-16"), "cannot be read"),
        (b'path,patient\n"' + b"a" * 200_000, "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "patients.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=message) as caught:
        Patients(tmp_path)
    assert caught.value.fix == "Save it as CSV in UTF-8 with the columns path and patient, or remove it."


def test_a_file_that_names_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("path,patient\nelsewhere/1.png,A\n")
    patients = Patients(tmp_path)
    assert patients.of(tmp_path / "Healthy" / "1.png") is None
    with pytest.raises(DatasetError, match="names none"):
        patients.require_use()


def test_a_file_that_names_some_images_is_used(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("path,patient\nHealthy/1.png,A\n")
    patients = Patients(tmp_path)
    assert patients.of(tmp_path / "Healthy" / "1.png") == "A"
    patients.require_use()


# --- patterns


@pytest.mark.parametrize(
    ("pattern", "name", "patient"),
    [
        ("{patient}_*", "COVID/P7_2.png", "P7"),
        ("{patient}_*", "COVID/P7_2_3.png", "P7"),
        ("{patient}_*", "COVID/P7.png", None),
        ("{patient}", "COVID/P7.png", "P7"),
        ("{patient}.png", "COVID/P7.png", "P7"),
        ("*-{patient}-*", "COVID/ct-12-3.jpeg", "12"),
        ("IMG_{patient}_??", "COVID/img_12_03.PNG", "12"),
        ("IMG_{patient}_??", "COVID/img_12_3.PNG", None),
        ("{patient}/*", "COVID/12/3.png", "COVID"),
        ("*/{patient}/*", "COVID/12/3.png", "12"),
        ("*\\{patient}\\*", "COVID/12/3.png", "12"),
        ("a.b({patient})*", "x/a.b(3)[1].png", "3"),
        ("a.b({patient})*", "x/aXb(3).png", None),
        ("  {patient}_* ", "COVID/P7_2.png", "P7"),
        ("_{patient}_*", "COVID/_ _2.png", None),
    ],
)
def test_a_pattern_finds_the_patient_in_a_name(pattern: str, name: str, patient: str | None) -> None:
    assert Pattern(pattern).patient(name) == patient
    assert caught(pattern, [Path("/data") / name], Path("/data")) == [patient]


@pytest.mark.parametrize("pattern", ["", "*", "patient_*", "{patient}_{patient}", "{Patient}"])
def test_a_pattern_needs_the_patient_once(pattern: str) -> None:
    with pytest.raises(DatasetError, match=r"\{patient\} once.*such as \{patient\}_\*"):
        Pattern(pattern)


def test_a_salt_hides_the_hash() -> None:
    assert salted("DICOM ff", "1") == salted("DICOM ff", "1") != salted("DICOM ff", "2")
    assert salted("DICOM ff", "1").removeprefix("DICOM ") != "ff"
