"""The settings of a training run: defaults, limits, and what is wrong with a value."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from covid_desktop.core.architectures import ARCHITECTURES, DEFAULT_ARCHITECTURE, Architecture
from covid_desktop.core.preprocessing import Preprocessing
from covid_desktop.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """Random changes to training images: rotation in degrees either way, zoom as a share either way."""

    rotation: float = 10.0
    zoom: float = 0.1
    horizontal_flip: bool = True
    vertical_flip: bool = False

    @property
    def is_off(self) -> bool:
        return self == Augmentation(rotation=0, zoom=0, horizontal_flip=False, vertical_flip=False)


AUGMENTATIONS = {
    "default": Augmentation(),
    "notebook": Augmentation(zoom=0.4, vertical_flip=True),
    "none": Augmentation(rotation=0, zoom=0, horizontal_flip=False, vertical_flip=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The smallest and largest value allowed, and the field's name as the user sees it."""

    label: str
    low: float
    high: float


LIMITS = {
    "epochs": Limits(label="Epochs", low=1, high=1000),
    "batch_size": Limits(label="Batch size", low=1, high=512),
    "image_size": Limits(label="Image size", low=32, high=512),
    "learning_rate": Limits(label="Learning rate", low=1e-6, high=1.0),
    "patience": Limits(label="Patience", low=2, high=100),
    "seed": Limits(label="Seed", low=0, high=2**31 - 1),
    "augmentation.rotation": Limits(label="Rotation", low=0, high=180),
    "augmentation.zoom": Limits(label="Zoom", low=0, high=0.9),
}


PLAUSIBLE_ZOOM = 0.3
_CAUTIONS = {
    "augmentation.vertical_flip": "A chest image is never seen upside down: the heart and the diaphragm "
    "would change places, and the network would learn from pictures that do not exist.",
    "augmentation.zoom": f"Zoom beyond {PLAUSIBLE_ZOOM} cuts the borders of the lungs off, or shrinks the "
    "chest to a size that no image has.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """All that decides a training run, beside the data.

    ``batch_size``, ``image_size`` (pixels) and ``learning_rate`` are those of the architecture when
    None. ``patience`` is in epochs. With ``class_weights`` the rarer class weighs more. With
    ``keep_thumbnails`` small pictures of training images travel with the model.
    """

    architecture: str = DEFAULT_ARCHITECTURE
    epochs: int = 25
    batch_size: int | None = None
    image_size: int | None = None
    learning_rate: float | None = None
    patience: int = 3
    class_weights: bool = True
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)
    keep_thumbnails: bool = False

    @property
    def _architecture(self) -> Architecture:
        return ARCHITECTURES[self.architecture]

    def resolved(self) -> Self:
        """The same with the architecture's own values where none was given. Raises UserError."""
        problems = self.problems()
        if problems:
            raise UserError(" ".join(problems.values()), "Change the setting and start again.")
        values = {name: getattr(self, name) for name in self.__slots__}
        values["batch_size"] = self.batch_size or self._architecture.batch_size
        values["image_size"] = self.image_size or self._architecture.size
        values["learning_rate"] = self.learning_rate or self._architecture.learning_rate
        return type(self)(**values)

    @property
    def preprocessing(self) -> Preprocessing:
        return self._architecture.preprocessing(self.image_size)

    @property
    def plateau_patience(self) -> int:
        """Epochs without improvement before the learning rate is lowered: sooner than stopping."""
        return max(1, self.patience - 1)

    @property
    def copies(self) -> int:
        """Versions of each training image that a frozen network reads; one without augmentation."""
        return min(1, self._architecture.copies) if self.augmentation.is_off else self._architecture.copies

    def problems(self) -> dict[str, str]:
        """Field name -> what is wrong with its value, in a sentence; empty when all is well."""
        found = {}
        if self.architecture not in ARCHITECTURES:
            found["architecture"] = f"There is no architecture named {self.architecture!r}."
        for name, limits in LIMITS.items():
            value = self._value(name)
            if value is not None and not limits.low <= value <= limits.high:
                found[name] = f"{limits.label} must be from {limits.low:g} to {limits.high:g}, not {value:g}."
        return found

    def cautions(self) -> dict[str, str]:
        """Field name -> why its value is implausible for chest images, in a sentence; it may be used."""
        doubtful = {
            "augmentation.vertical_flip": self.augmentation.vertical_flip,
            "augmentation.zoom": self.augmentation.zoom > PLAUSIBLE_ZOOM,
        }
        return {name: _CAUTIONS[name] for name, is_doubtful in doubtful.items() if is_doubtful}

    def _value(self, name: str) -> float | None:
        owner: Any = self
        for part in name.split("."):
            owner = getattr(owner, part)
        return owner  # type: ignore[no-any-return]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(**{**values, "augmentation": Augmentation(**values["augmentation"])})
