"""Whether two small pictures are one picture, at most slightly cropped, at any brightness and contrast.

Cropping stretches and shifts a picture along its rows and columns. To first order that adds a mixture of
four pictures, its tangents (P. Simard et al., Efficient pattern recognition using a new transformation
distance, 1993). What they explain is a quick screen; fitted repeatedly they align two pictures (B. Lucas
and T. Kanade, An iterative image registration technique, 1981).
"""

import numpy as np
from numpy.typing import NDArray

from covid_desktop.core.facts import THUMBNAIL_SIDE

Floats = NDArray[np.float32]
Pictures = NDArray[np.uint8]
"""(pictures, 64, 64), grey"""

CENTRE = (THUMBNAIL_SIDE - 1) / 2
MARGIN = 10  # pixels that cropping may have taken away, or that blur brings in
COARSE, MIDDLE, FINE = 3.5, 1.75, 0.7  # standard deviations of the blur, in pixels
LEAST, MOST = np.array([[0.88, -4], [1.12, 4]], np.float32)  # stretch, and shift in pixels
_AT_ONCE = 256


def outlines(pictures: Pictures) -> Floats:
    """The blurred middle of each picture as a vector of length 1: (pictures, dimensions)."""
    return unit(_blurred(pictures.astype(np.float32), _in_place(1), MIDDLE, step=4))


def tangents(pictures: Pictures) -> Floats:
    """An orthonormal basis of each outline and its four changes by cropping: (pictures, dimensions, 5)."""
    basis, _ = np.linalg.qr(_changes(pictures.astype(np.float32), _in_place(1), MIDDLE))
    return np.asarray(basis)


def agreement(pictures: Pictures, others: Pictures) -> Floats:
    """The correlation of the fine structure of each pair, once aligned: 1 for the same picture."""
    agreed = np.empty(len(pictures), np.float32)
    for start in range(0, len(pictures), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        agreed[part] = _agreement(pictures[part].astype(np.float32), others[part].astype(np.float32))
    return agreed


def _agreement(moving: Floats, fixed: Floats) -> Floats:
    place = _in_place(len(moving))
    for blur in (COARSE, COARSE, MIDDLE, MIDDLE):
        place = _aligned(moving, fixed, place, blur)
    product = _structure(moving, place) * _structure(fixed, _in_place(1))
    return np.asarray(product.sum(axis=1))


def _aligned(moving: Floats, fixed: Floats, place: Floats, blur: float) -> Floats:
    """``place`` after one step of least squares, within what cropping can do."""
    changes = _changes(moving, place, blur)
    wanted = unit(_blurred(fixed, _in_place(1), blur, step=4))
    transposed = changes.transpose(0, 2, 1)
    normal = transposed @ changes + 1e-4 * np.eye(5, dtype=np.float32)
    factors = np.linalg.solve(normal, transposed @ wanted[..., None])[..., 0]
    step = factors[:, 1:] / np.maximum(factors[:, :1], 0.3)  # in units of the picture's own contrast
    return np.clip(place + step.reshape(-1, 2, 2), LEAST, MOST)


def _structure(pictures: Floats, place: Floats) -> Floats:
    """What is between two blurs."""
    fine, coarse = (_blurred(pictures, place, blur, step=2) for blur in (FINE, 3 * FINE))
    return unit(fine - coarse)


def _changes(pictures: Floats, place: Floats, blur: float) -> Floats:
    """The picture, and how it changes by stretch and shift of its rows and of its columns.

    (pictures, samples, 5), of mean 0, in units of the picture's contrast.
    """
    (rows, row_slopes), (columns, column_slopes) = (_weights(place[:, axis], blur, step=4) for axis in (0, 1))
    across = pictures @ columns.transpose(0, 2, 1)
    down, right = row_slopes @ across, rows @ pictures @ column_slopes.transpose(0, 2, 1)
    offsets = _offsets(step=4)
    parts = [rows @ across, down * offsets[:, None], down, right * offsets, right]
    changes = np.stack([part.reshape(len(pictures), -1) for part in parts], axis=-1)
    changes -= changes.mean(axis=1, keepdims=True)
    contrast = np.linalg.norm(changes[..., :1], axis=1, keepdims=True)
    return np.asarray(changes / np.maximum(contrast, 1e-6))


def _blurred(pictures: Floats, place: Floats, blur: float, *, step: int) -> Floats:
    """The middle of the pictures at every ``step`` pixels: (pictures, samples, samples)."""
    (rows, _), (columns, _) = (_weights(place[:, axis], blur, step) for axis in (0, 1))
    return np.asarray(rows @ (pictures @ columns.transpose(0, 2, 1)))


def _weights(place: Floats, blur: float, step: int) -> tuple[Floats, Floats]:
    """A Gaussian around each sample's place, and its derivative there: (pictures, samples, 64)."""
    stretch, shift = place[:, :1], place[:, 1:]
    middles = CENTRE + stretch * _offsets(step) + shift
    distance = np.arange(THUMBNAIL_SIDE, dtype=np.float32) - middles[..., None]
    variance = (blur * stretch[..., None]) ** 2
    weights = np.exp(-(distance**2) / (2 * variance))
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights, weights * distance / variance


def _offsets(step: int) -> Floats:
    """Of the samples from the centre, in pixels."""
    places = np.arange(MARGIN, THUMBNAIL_SIDE - MARGIN + 1, step, dtype=np.float32)
    return np.asarray(places - places.mean())


def _in_place(count: int) -> Floats:
    """Stretch and shift of rows and of columns that change nothing: (count, 2, 2)."""
    return np.tile(np.array([1, 0], np.float32), (count, 2, 1))


def unit(pictures: Floats | Pictures) -> Floats:
    """Pictures as vectors of mean 0 and length 1."""
    vectors = pictures.reshape(len(pictures), -1).astype(np.float32)
    vectors -= vectors.mean(axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6))
