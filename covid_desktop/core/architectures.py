"""What the three networks are, in words and numbers. Keras builds them in ``learning``."""

from dataclasses import dataclass

from covid_desktop.core.preprocessing import Preprocessing


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A network's key, its name and honest description, and the settings that suit it.

    ``copies`` is how many versions of each training image (one as it is, the others augmented) a
    frozen network reads once; 0 for a network that trains on the pixels themselves.
    ``read_seconds`` a copy and ``fit_seconds`` an image and epoch are typical of two CPU cores.
    """

    key: str
    title: str
    description: str
    size: int
    channels: int
    batch_size: int
    learning_rate: float
    fit_seconds: float
    copies: int = 0
    read_seconds: float = 0.0

    def seconds(self, images: int, epochs: int) -> float:
        """How long a run on so many training images takes, about."""
        return images * (self.copies * self.read_seconds + epochs * self.fit_seconds)

    def preprocessing(self, size: int | None = None) -> Preprocessing:
        side = size or self.size
        return Preprocessing(width=side, height=side, channels=self.channels)


ARCHITECTURES = {
    architecture.key: architecture
    for architecture in (
        Architecture(
            key="efficientnet-lite0",
            title="EfficientNet-Lite0",
            description="Learnt to see on photographs, then a small part learns your images. "
            "The best choice for a few hundred images.",
            size=224,
            channels=3,
            batch_size=32,
            learning_rate=1e-3,
            fit_seconds=0.0003,
            copies=3,
            read_seconds=0.03,
        ),
        Architecture(
            key="small-cnn",
            title="Small CNN",
            description="Two convolutions, learnt from your images alone. "
            "Quick, but seldom right on images from elsewhere.",
            size=128,
            channels=1,
            batch_size=16,
            learning_rate=1e-3,
            fit_seconds=0.005,
        ),
        Architecture(
            key="reference-cnn",
            title="Reference CNN",
            description="The network of the original notebook, 50 million weights. "
            "Very slow, and it seldom learns; for comparison.",
            size=227,
            channels=3,
            batch_size=2,
            learning_rate=1e-3,
            fit_seconds=1.0,
        ),
    )
}
DEFAULT_ARCHITECTURE = "efficientnet-lite0"
