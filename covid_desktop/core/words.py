"""Numbers in sentences."""


def counted(number: int, what: str) -> str:
    """1 image, 2 images, 1,200 images."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """A share of 0.9 as 90 %."""
    return f"{share:.0%}".replace("%", " %")
