"""Numbers in sentences."""


def counted(number: int, what: str) -> str:
    """1 image, 2 images, 1,200 images."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """A share of 0.9 as 90 %; only nothing is 0 %, and only the whole 100 %."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")
