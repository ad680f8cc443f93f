"""Colours and measures of the window, in one place. Every colour is ``#rrggbb``."""

from dataclasses import dataclass

GAP_TINY, GAP_SMALL, GAP, GAP_LARGE = 4, 8, 16, 24
CORNER = 6
TEXT_BODY, TEXT_SUBTITLE, TEXT_TITLE, TEXT_HEADLINE = 13, 15, 20, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One theme. Text colours reach 4.5:1 on window, surface, raised, hover and selected.

    The colours of classes and ``outline`` are for shapes and reach 3:1; names of classes are in ``text``.
    """

    window: str
    surface: str
    raised: str
    hover: str
    selected: str
    border: str
    outline: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    positive: str
    negative: str
    indeterminate: str
    danger: str
    warning: str
    success: str
    picture: str
    picture_band: str
    on_picture: str


LIGHT = Tokens(
    window="#f3f4f6",
    surface="#ffffff",
    raised="#f9fafb",
    hover="#e9ecef",
    selected="#dfe9f3",
    border="#d8dce1",
    outline="#858c95",
    text="#1c2024",
    muted="#565e67",
    disabled="#9aa1a9",
    accent="#2f5f8f",
    accent_hover="#254d75",
    on_accent="#ffffff",
    positive="#cf5d0a",
    negative="#1f6fb8",
    indeterminate="#565e67",
    danger="#b3261e",
    warning="#835300",
    success="#1d6b41",
    picture="#0b0c0e",
    picture_band="#23272d",
    on_picture="#e6e8eb",
)

DARK = Tokens(
    window="#191b1e",
    surface="#212428",
    raised="#292d32",
    hover="#2e3339",
    selected="#283a4c",
    border="#373c43",
    outline="#828a94",
    text="#e7e9ec",
    muted="#a9b1ba",
    disabled="#686f78",
    accent="#84b2de",
    accent_hover="#a0c5ea",
    on_accent="#10202f",
    positive="#f3a45a",
    negative="#79b6f2",
    indeterminate="#a9b1ba",
    danger="#ff958b",
    warning="#e6b450",
    success="#74c99b",
    picture="#0b0c0e",
    picture_band="#23272d",
    on_picture="#e6e8eb",
)
