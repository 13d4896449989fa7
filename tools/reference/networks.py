"""Small copies of torchvision's networks, computed by PyTorch: for packages/model-*/test and tools/conformance/test.

packages/model-*/test/fixtures/parameters.json: names and shapes of every parameter of torchvision's own networks, for 1,000 classes, in the
order of state_dict. tools/conformance/test/fixtures/networks/*.safetensors: what narrow copies of the same modules give for images of 32 x 32
pixels, in evaluation: logits, gradients of one class at the image and at a layer, gradients of the mean loss (some values of every parameter);
and two steps of SGD in training, on larger images where the network allows.
tools/conformance/test/fixtures/gradient-pruning.json: which weights of the narrow ResNet-18 SNIP and Taylor keep (images of 64 x 64), a bit each, in the order of kernels.
Weights and images are no random numbers but those of `uniform`, which made-values.ts beside the test has, too.

Needs: pip install torch==2.15.0 torchvision==0.29.2 timm==1.0.31 safetensors
Run: python tools/reference/networks.py
"""

import base64
import json
import pathlib
from functools import partial

import numpy as np
import timm
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch import nn
from torchvision import models
from torchvision.models import mobilenetv2, resnet, vgg, vision_transformer

packages = pathlib.Path(__file__).parents[2] / "packages"
values = pathlib.Path(__file__).parents[2] / "tools/conformance/test/fixtures/networks"
mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
classes, labels = 5, [1, 3]


def uniform(seed, count):
    """Numbers in [0, 1) with 24 bits: a hash of their index."""
    x = (np.arange(1, count + 1, dtype=np.uint64) * 0x9E3779B1 + (seed + 1) * 0x85EBCA6B).astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float32) / np.float32(2**24)


def made(seed, name, shape):
    """The values of a parameter."""
    u = uniform(seed, int(np.prod(shape, dtype=np.int64)))
    around = 2 * u - 1
    if name.endswith("num_batches_tracked"):
        values = 0 * u
    elif name.endswith("running_var"):
        values = np.float32(0.5) + u
    elif len(shape) == 1 and name.endswith("weight"):
        values = np.float32(0.75) + np.float32(0.5) * u
    elif len(shape) < 2:
        values = np.float32(0.125) * around
    elif not name.endswith("weight"):
        values = np.float32(0.5) * around
    else:
        values = np.float32((4 / np.prod(shape[1:])) ** 0.5) * around
    return torch.from_numpy(values.reshape(shape))


def images(seed, count, height=32, width=32):
    return torch.from_numpy(uniform(seed, count * height * width * 3).reshape(count, height, width, 3))


def fill(model):
    state = model.state_dict()
    for seed, (name, value) in enumerate(state.items()):
        value.copy_(made(seed, name, tuple(value.shape)).to(value.dtype))
    return model


def logits_of(model, pixels):
    return model(((pixels - mean) / std).permute(0, 3, 1, 2))


class NarrowResNet(resnet.ResNet):
    """torchvision's ResNet, of which only the widths are written anew."""

    def __init__(self, block, layers, width):
        nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation = nn.BatchNorm2d, width, 1
        self.groups, self.base_width = 1, 64
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, width, layers[0])
        self.layer2 = self._make_layer(block, 2 * width, layers[1], stride=2)
        self.layer3 = self._make_layer(block, 4 * width, layers[2], stride=2)
        self.layer4 = self._make_layer(block, 8 * width, layers[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8 * width * block.expansion, classes)


def narrow_vgg(configuration, batch_norm, width):
    widths = [layer if layer == "M" else layer * width // 64 for layer in vgg.cfgs[configuration]]
    model = vgg.VGG(vgg.make_layers(widths, batch_norm), num_classes=classes, dropout=0)
    for at, (inputs, outputs) in {0: (8 * width * 49, 64 * width), 3: (64 * width, 64 * width), 6: (64 * width, classes)}.items():
        model.classifier[at] = nn.Linear(inputs, outputs)
    return model


def sampled(value):
    """Up to 16 values, evenly apart."""
    flat = value.detach().flatten()
    count = min(16, len(flat))
    return np.array([flat[i * len(flat) // count].item() for i in range(count)], dtype=np.float32)


def last(value):
    """Channels last where they are second, as of a map."""
    value = value.permute(0, 2, 3, 1) if value.dim() == 4 else value
    return value.detach().numpy().astype(np.float32).copy()


def evaluation(model, layer, pixels):
    model.eval()
    pixels.requires_grad_()
    kept = {}

    def keep(_, __, value):
        kept["value"] = value
        value.retain_grad()

    hook = model.get_submodule(layer).register_forward_hook(keep)
    logits = logits_of(model, pixels)
    hook.remove()
    logits[torch.arange(len(labels)), labels].sum().backward(retain_graph=True)
    tensors = {
        "logits": last(logits),
        "inputGradient": pixels.grad.numpy().copy(),
        "activations": last(kept["value"]),
        "activationGradient": last(kept["value"].grad),
    }
    model.zero_grad()
    F.cross_entropy(logits, torch.tensor(labels)).backward()
    gradients = [sampled(parameter.grad) for parameter in model.parameters()]
    return {**tensors, "parameterGradient": np.concatenate(gradients)}


def training(model, side):
    """Two steps of SGD on the same four images: from the third one on, rounding decides in narrow networks with BatchNorm."""
    model.train()
    pixels, targets = images(2000, 4, side, side), torch.tensor([0, 1, 2, 3])
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
    losses = []
    for _ in range(2):
        optimizer.zero_grad()
        loss = F.cross_entropy(logits_of(model, pixels), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    trained = [sampled(value.float()) for value in model.state_dict().values()]
    return {"trainingLosses": np.array(losses, dtype=np.float32), "trainedWeights": np.concatenate(trained)}


def write(name, make, layer, size=(32, 32), trained=64):
    tensors = evaluation(fill(make()), layer, images(1000, len(labels), *size))
    if size == (32, 32):
        tensors |= training(fill(make()), trained)
    values.mkdir(parents=True, exist_ok=True)
    save_file(tensors, values / f"{name}.safetensors", metadata={"torch": torch.__version__, "layer": layer})
    print(name, tensors["logits"][0], tensors.get("trainingLosses"), np.abs(tensors["activations"]).mean())


def write_saliencies(make):
    """Which half of the weights SNIP and Taylor remove, in float64: SNIP's is the slope of a factor of each weight, as its paper has it."""
    model = fill(make()).double().eval()
    pixels, targets = images(3000, 6, 64, 64).double(), torch.tensor([0, 1, 2, 3, 4, 0])
    weights = {name: value.detach() for name, value in model.named_parameters() if value.dim() > 1}

    def slopes(batch):
        factors = {name: torch.ones_like(value, requires_grad=True) for name, value in weights.items()}
        scaled = {name: weights[name] * factor for name, factor in factors.items()}
        inputs = ((pixels[batch] - mean) / std).permute(0, 3, 1, 2)
        loss = F.cross_entropy(torch.func.functional_call(model, scaled, inputs), targets[batch])
        return torch.cat([slope.flatten() for slope in torch.autograd.grad(loss, list(factors.values()))])

    taylor = sum(slopes(slice(start, start + 2)) ** 2 for start in (0, 2, 4)) / 3
    found = {"torch": torch.__version__, "kernels": list(weights)}
    for name, saliency in {"snip": slopes(slice(0, 6)).abs(), "taylor": taylor}.items():
        kept = torch.ones(len(saliency), dtype=torch.bool)
        kept[torch.argsort(saliency, stable=True)[: round(len(saliency) / 2)]] = False
        found[name] = base64.b64encode(np.packbits(kept.numpy()).tobytes()).decode()
    (values.parent / "gradient-pruning.json").write_text(json.dumps(found, indent=2) + "\n")


def write_parameters(package, networks):
    listed = {}
    for name, make in networks.items():
        with torch.device("meta"):
            state = make().state_dict()
        listed[name] = [" ".join([key, ",".join(map(str, value.shape))]).strip() for key, value in state.items()]
    folder = packages / package / "test/fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "parameters.json").write_text(json.dumps(listed, indent=1) + "\n")


def vit(size, patch, depth, heads, features, hidden, outputs):
    return vision_transformer.VisionTransformer(size, patch, depth, heads, features, hidden, num_classes=outputs)


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.backends.mkldnn.enabled = False  # narrow convolutions in training crash in it

    write_parameters("model-resnet", {name: getattr(models, name) for name in ("resnet18", "resnet34", "resnet50", "resnet101")})
    depths = {"resnet18": (resnet.BasicBlock, [2, 2, 2, 2]), "resnet50": (resnet.Bottleneck, [3, 4, 6, 3]), "resnet101": (resnet.Bottleneck, [3, 4, 23, 3])}
    for name, (block, layers) in depths.items():
        write(name, lambda: NarrowResNet(block, layers, 4), "layer3")

    write_saliencies(lambda: NarrowResNet(resnet.BasicBlock, [2, 2, 2, 2], 4))

    names = [f"vgg{depth}{norm}" for depth in (11, 16, 19) for norm in ("", "_bn")]
    write_parameters("model-vgg", {name.replace("_", "-"): getattr(models, name) for name in names})
    for name, configuration, layer in (("vgg11", "A", "features.12"), ("vgg16-bn", "D", "features.32"), ("vgg19", "E", "features.27")):
        write(name, lambda: narrow_vgg(configuration, name.endswith("bn"), 2), layer)
    write("vgg11-32x64", lambda: narrow_vgg("A", False, 2), "features.20", (32, 64))

    write_parameters("model-mobilenet", {"mobilenet-v2": models.mobilenet_v2})
    write("mobilenet-v2", lambda: mobilenetv2.MobileNetV2(classes, width_mult=0.25, dropout=0), "features.10")

    write_parameters(
        "model-vit",
        {
            "vit-b-16": models.vit_b_16,
            "vit-s-16": partial(vit, 224, 16, 12, 6, 384, 1536, 1000),
            "timm vit-b-16": partial(timm.create_model, "vit_base_patch16_224"),
            "timm vit-s-16": partial(timm.create_model, "vit_small_patch16_224"),
        },
    )
    write("vit-mini-8", lambda: fill(vit(32, 8, 2, 3, 48, 96, classes)), "encoder.layers.encoder_layer_0", trained=32)
