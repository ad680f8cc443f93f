"""What is done to a picture before it is scored: turned or inverted, as the user was offered."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_TURNS = {0: "", 1: "turned to the left", 2: "turned upside down", 3: "turned to the right"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """``quarter_turns`` are counter-clockwise, 0 to 3; inverting makes black white."""

    quarter_turns: int = 0
    is_inverted: bool = False

    def applied(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture (height, width) or (height, width, 3) as it is to be scored."""
        turned = np.rot90(picture, self.quarter_turns) if self.quarter_turns else picture
        return np.ascontiguousarray(255 - turned if self.is_inverted else turned)

    @property
    def undone(self) -> "Adjustment":
        """What takes it back."""
        return Adjustment(quarter_turns=-self.quarter_turns % 4, is_inverted=self.is_inverted)

    @property
    def words(self) -> str:
        """Such as "inverted and turned to the left"; empty for a picture as it is."""
        return " and ".join(
            filter(None, ("inverted" if self.is_inverted else "", _TURNS[self.quarter_turns]))
        )


AS_IT_IS = Adjustment()
