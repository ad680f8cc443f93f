"""Model files of an attacker who knows the program, and a process that loads them and tells what it did.

``python hostile_packages.py FOLDER`` prints JSON: package -> what came of it.
"""

import bz2  # noqa: F401 (zipfile needs it for a package, and would import it while it is watched)
import hashlib
import io
import json
import lzma  # noqa: F401
import pickle
import resource
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from covid_desktop.core import model_card
from covid_desktop.core.model_archive import CARD, MAX_WEIGHTS_BYTES, WEIGHTS

Files = dict[str, bytes]
Make = Callable[[Files], bytes]
Package = tuple[str, Make]
FEATURES = "familiarity/features"
KERNEL = "layers/dense/vars/0"
LAMBDA = {
    "class_name": "Lambda",
    "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wE="}}},
}


# --- archives


def archive_of(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def adding(name: str, data: bytes = b"") -> Make:
    return lambda files: archive_of({name: data} | files)


def twice(name: str) -> Make:
    def make(files: Files) -> bytes:
        other = ("x" + name[1:]).encode()
        content = archive_of(files | {other.decode(): b"{}"})
        return content.replace(other, name.encode())

    return make


def entry_changed(name: str, **values: Any) -> Make:
    """An archive whose directory lies about a member."""

    def make(files: Files) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, data in files.items():
                archive.writestr(each, data)
            for field, value in values.items():
                setattr(archive.getinfo(name), field, value)
        return stream.getvalue()

    return make


def encrypted(files: Files) -> bytes:
    content = bytearray(archive_of(files))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(signature)
        while start >= 0:
            content[start + place] |= 1
            start = content.find(signature, start + 4)
    return bytes(content)


def packed(**bombs: Any) -> Make:
    """A member that unpacks to ``size`` bytes where the directory announces ``announced``."""

    def make(files: Files) -> bytes:
        name, size = bombs["name"], bombs["size"]
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for each, data in files.items():
                if each != name:
                    archive.writestr(each, data)
            archive.writestr(name, bytes(size), compresslevel=9)
            if "announced" in bombs:
                archive.getinfo(name).file_size = bombs["announced"]
        return stream.getvalue()

    return make


def overlapping(files: Files) -> bytes:
    """Every member's directory entry leads to the first member's data."""
    return entry_changed("metadata.json", header_offset=0, compress_size=100)(files)


def many_members(count: int) -> Make:
    return lambda files: archive_of(files | {f"assets/{number}": b"" for number in range(count)})


def zip64_locator(files: Files) -> bytes:
    """A directory in two places: another reader would take the other one."""
    content = archive_of(files)
    end = content[-22:]
    locator = b"PK\x06\x06" + bytes(52) + b"PK\x06\x07" + bytes(16)
    fields = list(struct.unpack("<4s4H2LH", end))
    fields[5] += len(locator)
    return content[:-22] + locator + struct.pack("<4s4H2LH", *fields)


def flipped(name: str) -> Make:
    def make(files: Files) -> bytes:
        whole = bytearray(archive_of(files, zipfile.ZIP_STORED))
        with zipfile.ZipFile(io.BytesIO(bytes(whole))) as archive:
            entry = archive.getinfo(name)
        whole[entry.header_offset + 30 + len(name) + entry.file_size // 2] ^= 4
        return bytes(whole)

    return make


# --- weights


def with_weights(files: Files, weights: bytes) -> bytes:
    """As an attacker does it: the card is written anew for other weights."""
    digest = hashlib.sha256(weights).hexdigest()
    new = with_card(files | {WEIGHTS: weights}, lambda card: card.update(weights_sha256=digest))
    return archive_of(new, zipfile.ZIP_STORED)


def hdf5(change: Callable[[h5py.File], None], **options: Any) -> Make:
    """The weights after a change; as long as they were, or longer."""

    def make(files: Files) -> bytes:
        stream = io.BytesIO(files[WEIGHTS]) if not options else io.BytesIO()
        with h5py.File(stream, "a" if not options else "w", **options) as file:
            if options:
                with h5py.File(io.BytesIO(files[WEIGHTS])) as old:
                    old.copy("layers", file)
            change(file)
        return with_weights(files, stream.getvalue().ljust(len(files[WEIGHTS]), b"\0"))

    return make


def replaced(make: Callable[[h5py.File, str], None]) -> Make:
    """One array gives its name to something else."""

    def change(file: h5py.File) -> None:
        del file[KERNEL]
        make(file, KERNEL)

    return hdf5(change)


def stored_as(dtype: Any, **options: Any) -> Make:
    def make(file: h5py.File, name: str) -> None:
        file.create_dataset(name, (128, 64), dtype, **options)

    return replaced(make)


def virtual(file: h5py.File, name: str) -> None:
    layout = h5py.VirtualLayout((128, 64), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "data", (128, 64))
    file.create_virtual_dataset(name, layout)


def value(number: float) -> Make:
    def change(file: h5py.File) -> None:
        file[KERNEL][3, 5] = number

    return hdf5(change)


def deep(file: h5py.File) -> None:
    group = file
    for _ in range(300):
        group = group.create_group("layers2" if group is file else "x")


def loop(file: h5py.File, name: str) -> None:
    file[name] = file["layers"]


def unknown_filter(files: Files) -> bytes:
    """Of a number that nobody has registered."""
    stream = io.BytesIO(files[WEIGHTS])
    with h5py.File(stream, "a") as file:
        del file[KERNEL]
        file.create_dataset(KERNEL, (128, 64), "f4", chunks=(128, 64), shuffle=True)
    weights = stream.getvalue().replace(
        b"\x02\x00\x08\x00\x01\x00\x01\x00shuffle\0", b"\xff\x7f\x08\x00\x01\x00\x01\x00shuffle\0"
    )
    return with_weights(files, weights.ljust(len(files[WEIGHTS]), b"\0"))


# --- cards


def with_card(files: Files, change: Callable[[dict[str, Any]], Any], *, forged: bool = True) -> Files:
    values = json.loads(files[CARD])
    change(values)
    if forged:
        values["checksum"] = model_card._checksum(values)
    return files | {CARD: json.dumps(values).encode()}


def card(*, forged: bool = True, **values: Any) -> Make:
    return lambda files: archive_of(with_card(files, lambda one: one.update(values), forged=forged))


def inside(name: str, **values: Any) -> Make:
    return lambda files: archive_of(with_card(files, lambda one: one[name].update(values)))


def card_text(text: bytes | Callable[[bytes], bytes]) -> Make:
    """Not packed: the ratio would give the large ones away."""
    return lambda files: archive_of(
        files | {CARD: text if isinstance(text, bytes) else text(files[CARD])}, zipfile.ZIP_STORED
    )


def swapped(one: dict[str, Any]) -> None:
    one["class_names"] = one["class_names"][::-1]
    one["positive_class"] = one["class_names"][1]


def without(*names: str) -> Make:
    return lambda files: archive_of(
        with_card(files, lambda one: [one.pop(name, None) for name in names], forged=False)
    )


NOT_A_MODEL = "is damaged or is not a model file"
NO_CARD = "has no model card: it was not made by this program"
TOO_LARGE = "is too large to be a model of this program"
UNKNOWN = "holds a file that no model of this program has"
OUT = "holds a file whose name leads out of it"
TWICE = "holds two files of one name"
LINK = "holds a link instead of a file"
BAD_CARD = "card is damaged or was not written by this program"
ODD = "card holds a value that no model of this program has"
NOT_PLAIN = "are no plain HDF5 file"
OTHER_WEIGHTS = "are not those of the network that its card names"
SIZE = "are not of the size of the network in its card"
FLOATS = "are not all 32-bit floating-point numbers"
PIECES = "are not stored in one piece each"
NO_NUMBERS = "are not all numbers"
REMEMBERS = "remembers of its training images"
SCORES = "gives other scores than when it was saved"

REFUSED: dict[str, Package] = {
    "empty": (NOT_A_MODEL, lambda files: b""),
    "no archive": (NOT_A_MODEL, lambda files: b"\x89PNG\r\n\x1a\n" * 50),
    "bare HDF5": (NOT_A_MODEL, lambda files: files[WEIGHTS]),
    "half": (NOT_A_MODEL, lambda files: archive_of(files)[:3000]),
    "program before the archive": (NOT_A_MODEL, lambda files: b"\x7fELF" + archive_of(files)),
    "junk behind the archive": (NOT_A_MODEL, lambda files: archive_of(files) + b"#!/bin/sh\n"),
    "two directories": (NOT_A_MODEL, zip64_locator),
    "Keras model without a card": (NO_CARD, lambda files: archive_of({"config.json": b"{}", WEIGHTS: b""})),
    "Keras model with assets": (NO_CARD, lambda files: archive_of({"assets/words": b"", WEIGHTS: b""})),
    "name that leads up": (OUT, adding("../../home/.bashrc")),
    "name that leads up within": (OUT, adding("familiarity/../../card")),
    "absolute name": (OUT, adding("/etc/cron.d/evil")),
    "absolute name of Windows": (OUT, adding("C:\\evil.dll")),
    "unknown member": (UNKNOWN, adding("assets/vocabulary.txt")),
    "pickle": (UNKNOWN, adding("model.pkl", pickle.dumps(print))),
    "42.zip": (UNKNOWN, adding("lib 0.zip", archive_of({"page": bytes(2**20)}))),
    "folder": (UNKNOWN, adding("familiarity/")),
    "two cards": (TWICE, twice(CARD)),
    "two weights": (TWICE, twice(WEIGHTS)),
    "card is a symlink": (LINK, entry_changed(CARD, external_attr=0o120777 << 16)),
    "weights are a device": (LINK, entry_changed(WEIGHTS, external_attr=0o060666 << 16)),
    "encrypted": ("is encrypted", encrypted),
    "zip bomb": ("would unpack to far more", packed(name=WEIGHTS, size=2**26)),
    "zip bomb in what is not read": ("would unpack to far more", packed(name="config.json", size=2**24)),
    "zip bomb that announces little": (NOT_A_MODEL, packed(name=CARD, size=2**28, announced=900)),
    "overlapping members": ("lie over one another", overlapping),
    "huge weights announced": (TOO_LARGE, entry_changed(WEIGHTS, file_size=MAX_WEIGHTS_BYTES + 1)),
    "huge card announced": (TOO_LARGE, entry_changed(CARD, file_size=2**30)),
    "weights of a terabyte": (TOO_LARGE, entry_changed(WEIGHTS, file_size=2**40)),
    "more members than any model": ("holds more files than any model", many_members(100)),
    "a million bytes of directory": ("holds more files than any model", adding("x" * 60_000)),
    "packed by bzip2": ("is packed in a way", lambda files: archive_of(files, zipfile.ZIP_BZIP2)),
    "packed by LZMA": ("is packed in a way", lambda files: archive_of(files, zipfile.ZIP_LZMA)),
    "wrong checksum of the card": (NOT_A_MODEL, flipped(CARD)),
    "wrong checksum of the weights": (NOT_A_MODEL, flipped(WEIGHTS)),
    "wrong checksum of the features": (NOT_A_MODEL, flipped(FEATURES)),
    "no weights": (
        "has a card and no weights",
        lambda files: archive_of({name: data for name, data in files.items() if name != WEIGHTS}),
    ),
    # --- weights
    "weights of another model": (
        "are not those that its card was written for",
        lambda files: archive_of(files | {WEIGHTS: files[WEIGHTS][:-4] + b"1234"}),
    ),
    "weights are no HDF5": (
        NOT_PLAIN,
        lambda files: with_weights(files, b"HDF" * (len(files[WEIGHTS]) // 3 + 1)),
    ),
    "truncated HDF5": (SIZE, lambda files: with_weights(files, files[WEIGHTS][:20_000])),
    "truncated and filled up": (
        NOT_PLAIN,
        lambda files: with_weights(files, files[WEIGHTS][:2_000].ljust(len(files[WEIGHTS]), b"\0")),
    ),
    "megabytes more than the arrays": (
        SIZE,
        lambda files: with_weights(files, files[WEIGHTS] + bytes(2**23)),
    ),
    "newer HDF5": (NOT_PLAIN, hdf5(lambda file: None, libver="latest")),
    "user block before the HDF5": (NOT_PLAIN, hdf5(lambda file: None, userblock_size=512)),
    "link to another file": (
        "hold a link",
        replaced(lambda file, name: file.__setitem__(name, h5py.ExternalLink("/etc/passwd", "/x"))),
    ),
    "soft link": (
        "hold a link",
        replaced(lambda file, name: file.__setitem__(name, h5py.SoftLink("/layers/dense_1/vars/0"))),
    ),
    "soft link to itself": (
        "hold a link",
        replaced(lambda file, name: file.__setitem__(name, h5py.SoftLink(f"/{name}"))),
    ),
    "group inside itself": ("groups without an end", replaced(loop)),
    "virtual data of another file": ("are kept in another file", replaced(virtual)),
    "data in another file": (
        "are kept in another file",
        stored_as("f4", external=[("/etc/passwd", 0, 2**15)]),
    ),
    "compound": (FLOATS, stored_as([("a", "f4"), ("b", "f4")])),
    "strings": (FLOATS, stored_as(h5py.string_dtype())),
    "references": (FLOATS, stored_as(h5py.ref_dtype)),
    "opaque": (FLOATS, stored_as("V4")),
    "64-bit numbers": (FLOATS, stored_as("f8")),
    "16-bit numbers": (FLOATS, stored_as("f2")),
    "whole numbers": (FLOATS, stored_as("i4")),
    "numbers the other way round": (FLOATS, stored_as(">f4")),
    "compressed": ("are compressed", stored_as("f4", chunks=(128, 64), compression="gzip")),
    "unknown filter": ("are compressed", unknown_filter),
    "chunks": (PIECES, stored_as("f4", chunks=(128, 64))),
    "huge chunks": (
        PIECES,
        replaced(
            lambda file, name: (
                file.create_dataset(name, (2**14, 2**14, 3), "f4", chunks=(2**12, 2**12, 3)) and None
            )
        ),
    ),
    "gigabytes of nothing": (
        "end before their arrays do",
        replaced(lambda file, name: file.create_dataset(name, (2**15, 2**15), "f4") and None),
    ),
    "array turned over": (
        OTHER_WEIGHTS,
        replaced(lambda file, name: file.create_dataset(name, data=np.ones((64, 128), "f4")) and None),
    ),
    "array missing": (OTHER_WEIGHTS, replaced(lambda file, name: None)),
    "array too many": (
        OTHER_WEIGHTS,
        hdf5(lambda file: file.create_dataset("layers/extra", data=np.ones(3, "f4")) and None),
    ),
    "nothing in it": (OTHER_WEIGHTS, hdf5(h5py.File.clear)),
    "deep groups": ("groups without an end", hdf5(deep)),
    "weight that is no number": (NO_NUMBERS, value(np.nan)),
    "infinite weight": (NO_NUMBERS, value(np.inf)),
    # --- cards
    "card is no JSON": (BAD_CARD, card_text(b"{")),
    "card is not UTF-8": (BAD_CARD, card_text(b"\xff" * 50)),
    "card in UTF-16": (BAD_CARD, card_text(lambda text: text.decode().encode("utf-16"))),
    "deep card": (BAD_CARD, card_text(b"[" * 200_000)),
    "card of 40 levels": (BAD_CARD, card(metrics={"a": json.loads("[" * 40 + "]" * 40)})),
    "card of millions of numbers": (BAD_CARD, card_text(b'{"format":1,"x":[' + b"0," * 2**22 + b"0]}")),
    "card of millions of objects": (BAD_CARD, card_text(b'{"format":1,"x":[' + b"{}," * 2**22 + b"0]}")),
    "number of millions of digits": (BAD_CARD, card_text(b'{"format":' + b"9" * 2**22 + b"}")),
    "text of megabytes": (BAD_CARD, card_text(b'{"format":1,"created":"' + b"\\u0041" * 2**20 + b'"}')),
    "key twice": (BAD_CARD, card_text(lambda text: text.replace(b"{", b'{"threshold": 0.9, ', 1))),
    "future": ("made by a newer version", card(format=99)),
    "format in words": (BAD_CARD, card(format="1")),
    "format true": (BAD_CARD, card(format=True)),
    "unknown architecture": (BAD_CARD, card(architecture="resnet")),
    "architecture is a list": (BAD_CARD, card(architecture=["small-cnn"])),
    "classes in another order": (
        BAD_CARD,
        lambda files: archive_of(with_card(files, swapped, forged=False)),
    ),
    "class name of thousands of letters": (
        ODD,
        card(class_names=["a", "b" * 5_000], positive_class="b" * 5_000),
    ),
    "threshold is no number": (BAD_CARD, card(threshold=float("nan"))),
    "threshold is infinite": (BAD_CARD, card(threshold=float("inf"))),
    "threshold true": (BAD_CARD, card(threshold=True)),
    "range that is none": (BAD_CARD, card(indeterminate=[0.9, 0.1])),
    "calibration that is none": (BAD_CARD, card(calibration={"slope": "steep", "intercept": 0})),
    "calibration that overflows": (ODD, card(calibration={"slope": 1e308, "intercept": -1e308})),
    "gigabytes of network": (
        SIZE,
        lambda files: archive_of(
            with_card(
                files,
                lambda one: one.update(
                    architecture="reference-cnn",
                    preprocessing={"width": 512, "height": 512, "channels": 3, "fit": "stretch"},
                ),
            )
        ),
    ),
    "other network": (
        SIZE,
        lambda files: archive_of(
            with_card(
                files,
                lambda one: (
                    one.update(architecture="efficientnet-lite0"),
                    one["preprocessing"].update(channels=3),
                ),
            )
        ),
    ),
    "images of thousands of pixels": (ODD, inside("preprocessing", width=4096, height=4096)),
    "images of one pixel": (ODD, inside("preprocessing", width=1)),
    "channels true": (ODD, inside("preprocessing", channels=True)),
    "epochs in words": (ODD, inside("config", epochs="many")),
    "learning rate is no number": (ODD, inside("config", learning_rate=float("nan"))),
    "rotation is a list": (
        ODD,
        lambda files: archive_of(
            with_card(files, lambda one: one["config"]["augmentation"].update(rotation=[1]))
        ),
    ),
    "sets are lists": (ODD, card(data={"training": [1, 2]})),
    "hashes are tables": (ODD, card(data={"training": {"sha256": [{}]}})),
    "findings are words": (ODD, card(findings=["leak"])),
    "areas are numbers": (ODD, card(audit={"verdict": "green", "areas": {"whole": 1}})),
    "history of words": (ODD, card(history={"epochs": [{"epoch": "first"}]})),
    "versions are tables": (ODD, card(versions={"keras": {}})),
    "hash that is none": (ODD, card(weights_sha256="xyz")),
    "golden scores are words": (BAD_CARD, card(golden=["0.1"] * 4)),
    "golden scores of others": (SCORES, card(golden=[0.1, 0.2, 0.3, 0.4])),
    # --- what it remembers
    "features of gigabytes": (REMEMBERS, inside("familiarity", count=10**9)),
    "features of another size": (REMEMBERS, inside("familiarity", dimensions=1279)),
    "features fewer than announced": (
        REMEMBERS,
        lambda files: archive_of(files | {FEATURES: files[FEATURES][:-2]}),
    ),
    "features that are no numbers": (
        REMEMBERS,
        lambda files: archive_of(files | {FEATURES: b"\xff" * len(files[FEATURES])}),
    ),
    "features are missing": (
        REMEMBERS,
        lambda files: archive_of({name: data for name, data in files.items() if name != FEATURES}),
    ),
    "pictures that are not announced": (REMEMBERS, adding("familiarity/thumbnails", bytes(4096))),
    "counts in words": (REMEMBERS, inside("familiarity", count="6")),
    "limit is no number": (ODD, inside("familiarity", limit=float("nan"))),
    "nothing announced": (REMEMBERS, card(familiarity={})),
    "features of another network": (
        REMEMBERS,
        lambda files: archive_of(
            with_card(
                files | {FEATURES: files[FEATURES][: 6 * 2 * 8]},
                lambda one: one["familiarity"].update(dimensions=8),
            )
        ),
    ),
}

ACCEPTED: dict[str, Make] = {
    "as it was saved": archive_of,
    "Lambda layer": lambda files: archive_of(files | {"config.json": json.dumps(LAMBDA).encode()}),
    "other module": lambda files: archive_of(
        files | {"config.json": b'{"module": "os", "class_name": "function", "config": "system"}'}
    ),
    "download": lambda files: archive_of(
        files | {"config.json": b'{"module": "keras.utils", "class_name": "function", "config": "get_file"}'}
    ),
    "vocabulary of another file": lambda files: archive_of(
        files | {"config.json": b'{"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}'}
    ),
    "words of Keras are garbage": lambda files: archive_of(
        files | {"config.json": b"\xff\0" * 99, "metadata.json": b"?"}
    ),
    "no words of Keras": lambda files: archive_of(
        {name: data for name, data in files.items() if not name.endswith(("config.json", "metadata.json"))}
    ),
    "of an older version": without("weights_sha256", "golden", "checksum"),
}

WATCHED = (
    "open",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.listdir",
    "subprocess.Popen",
    "socket.",
    "ctypes.dlopen",
    "pickle.find_class",
    "marshal.loads",
    "shutil.",
    "tempfile.",
    "urllib.Request",
)


class Watch:
    """Notes whatever Python is asked to do that loading a model has no need of."""

    def __init__(self) -> None:
        self.path: str | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.path is None or not event.startswith(WATCHED):
            return
        if event == "open" and str(arguments[0]) == self.path and arguments[1] in ("r", "rb"):
            return
        self.seen.append(f"{event} {str(arguments)[:200]}")


def base_model(folder: Path) -> Path:
    """A small network that remembers six images, as training leaves it."""
    import keras

    from covid_desktop.core.config import TrainingConfig
    from covid_desktop.core.familiarity import learnt
    from covid_desktop.core.familiarity_file import summary
    from covid_desktop.learning.architectures import build
    from covid_desktop.learning.classifier import Classifier

    random = np.random.default_rng(0)
    known = learnt(
        random.random((6, 1280), np.float32),
        np.array([0, 1] * 3),
        [f"{number:064x}" for number in range(6)],
        list(random.integers(0, 256, (6, 80, 80, 3), np.uint8)),
        random.random((3, 1280), np.float32),
    )
    config = TrainingConfig(architecture="small-cnn", image_size=32).resolved()
    keras.utils.set_random_seed(0)
    card = model_card.ModelCard(
        architecture="small-cnn",
        class_names=("Healthy", "COVID-19"),
        preprocessing=config.preprocessing,
        config=config,
        familiarity=summary(known),
    )
    classifier = Classifier(build("small-cnn", config.preprocessing), card, known)
    classifier.card = replace(card, golden=classifier.golden_scores())
    classifier.save(folder / "base.keras")
    return folder / "base.keras"


def contents(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def peak() -> int:
    """MB of memory, at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (
        2**20 if sys.platform == "darwin" else 2**10
    )


def make_all(folder: Path) -> None:
    files = contents(folder / "base.keras")
    for name, (_, make) in REFUSED.items():
        (folder / f"{name}.keras").write_bytes(make(files))
    for name, accepted in ACCEPTED.items():
        (folder / f"{name}.keras").write_bytes(accepted(files))


def main(folder: Path) -> None:
    import keras

    from covid_desktop.errors import ModelError
    from covid_desktop.learning.classifier import Classifier

    base = base_model(folder)
    # Elsewhere: what it takes to make a bomb would hide what it takes to load it.
    subprocess.run([sys.executable, __file__, str(folder), "make"], check=True)
    Classifier.load(base)
    forbidden: list[str] = []
    for owner, name in (
        (h5py.h5f, "open"),
        (h5py, "File"),
        (keras.saving, "load_model"),
        (keras.models, "load_model"),
    ):
        setattr(owner, name, lambda *_, name=name, **__: forbidden.append(name))
    keras.Model.load_weights = lambda *_, **__: forbidden.append("load_weights")
    watch, results = Watch(), {}
    for name in [*REFUSED, *ACCEPTED]:
        path = folder / f"{name}.keras"
        before, began = peak(), time.perf_counter()
        watch.path, watch.seen = str(path), forbidden[:]
        what, fix, kind = "", "", ""
        try:
            Classifier.load(path)
        except ModelError as error:
            what, fix, kind = error.what, error.fix, "ModelError"
        except BaseException as error:  # noqa: BLE001 (told to the test)
            what, kind = str(error), type(error).__name__
        watch.path = None
        results[name] = {
            "kind": kind,
            "what": what,
            "fix": fix,
            "seconds": time.perf_counter() - began,
            "megabytes": peak() - before,
            "seen": watch.seen + forbidden,
        }
    watch.path = "(self-test)"
    with Path(__file__).open("rb"):
        watch.path = None
    results["(self-test)"] = {"seen": watch.seen, "megabytes": 0}
    sys.stdout.write("\n" + json.dumps(results) + "\n")


if __name__ == "__main__":
    (make_all if "make" in sys.argv[2:] else main)(Path(sys.argv[1]))
