"""Small networks of many families as ONNX files, with what PyTorch computes of them, for packages/model-onnx/test/networks.test.ts.

Usage: python tools/reference/onnx-networks.py FOLDER [NETWORK ...]           the committed fixtures: random weights, a few channels, a few blocks
       python tools/reference/onnx-networks.py FOLDER --whole [NETWORK ...]   the networks as torchvision defines them, 10 to 600 MB each, for ESPALIER_ONNX
Writes <network>.<exporter>.onnx and <network>.safetensors: logits, gradients of the first logit with respect to the
images and to a layer, gradients of the mean cross-entropy with respect to some parameters; images-<size>.safetensors has the images, in [0, 1]. Exporters: `recipe` is the line that the
README recommends, `default` and `legacy` are what torch.onnx.export does otherwise.
Needs torch 2.15, torchvision 0.29, onnx, onnxscript and safetensors.

Whole networks are computed in float64, with random weights. Where a network has kinks (relu, max pooling), its gradients jump: of ten million values
some lie so near to a kink that one rounding decides the side, and PyTorch's own float32 then differs from its float64 by 0.01 to 0.07 of the largest gradient.
So two things are written where a gradient moves by more than the bar:
  <network>        as it is, and how far PyTorch's own float32 is from its float64 (the largest of three: as it is, and twice with every weight moved by
                   1e-6 of itself): the test takes that for its bar where it is more than the usual one;
  <network>-smooth the same with SiLU for relu and hard swish, sigmoid for hard sigmoid, mean for max pooling: all its weights, sums and ways are there,
                   and its gradients are well-conditioned, so that the bar holds them as it stands.
The kinks themselves are compared layer by layer (packages/nn) and in the small networks here. Weights that were trained are better-natured: the gradients of
the ResNet-18 of the reference values, at the same size, differ by 0.0005 between PyTorch's float32 and float64.
"""
import copy
import json
import sys
import warnings

import onnx
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn
from torchvision import models as tv
from torchvision.models.googlenet import Inception
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
from torchvision.models.efficientnet import EfficientNet, MBConvConfig

warnings.filterwarnings("ignore")
folder, whole = sys.argv[1], "--whole" in sys.argv
chosen = [name for name in sys.argv[2:] if name != "--whole"]


def narrowed(net, factor):
    """The same network with a fraction of its channels; images keep three, the classes ten."""
    part = lambda count: max(1, count // factor)
    for parent in list(net.modules()):
        for name, module in list(parent.named_children()):
            if isinstance(module, nn.Conv2d):
                inputs = 3 if module.in_channels == 3 else part(module.in_channels)
                groups = 1 if module.groups == 1 else inputs
                outputs = part(module.out_channels)
                new = nn.Conv2d(inputs, outputs, module.kernel_size, module.stride, module.padding, module.dilation, groups, module.bias is not None)
            elif isinstance(module, nn.BatchNorm2d):
                new = nn.BatchNorm2d(part(module.num_features), module.eps, module.momentum)
            elif isinstance(module, nn.Linear):
                outputs = module.out_features if module.out_features == 10 else part(module.out_features)
                new = nn.Linear(part(module.in_features), outputs)
            else:
                continue
            setattr(parent, name, new)
    return net


def vgg(norm):
    layers = [64, 64, "M", 128, "M", 256, 256, "M", 512, "M", 512, "M"]
    net = tv.VGG(tv.vgg.make_layers(layers, norm), num_classes=10)
    net.avgpool = nn.AdaptiveAvgPool2d(1)
    net.classifier[0] = nn.Linear(512, 4096)
    return narrowed(net, 32)


def mobilenet_v3():
    rows = [(16, 3, 16, 16, True, "RE", 2, 1), (16, 3, 72, 24, False, "RE", 2, 1), (24, 5, 96, 40, True, "HS", 2, 1), (40, 5, 240, 40, True, "HS", 1, 1)]
    return narrowed(MobileNetV3([InvertedResidualConfig(*row, 1.0) for row in rows], 256, num_classes=10), 8)


def efficientnet():
    rows = [(1, 3, 1, 32, 16, 1), (6, 3, 2, 16, 24, 2), (6, 5, 2, 24, 40, 1), (6, 5, 1, 40, 40, 1)]
    return narrowed(EfficientNet([MBConvConfig(*row) for row in rows], 0.2, num_classes=10), 8)


convnext = lambda: tv.ConvNeXt([tv.convnext.CNBlockConfig(8, 16, 1), tv.convnext.CNBlockConfig(16, 24, 1), tv.convnext.CNBlockConfig(24, None, 1)], num_classes=10)
vit = lambda: tv.VisionTransformer(image_size=32, patch_size=8, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=10)

# Network, its layer whose gradient is written, size of the images, exporters.
small = {
    "resnet50": (lambda: narrowed(tv.ResNet(tv.resnet.Bottleneck, [1, 1, 1, 1], num_classes=10), 32), "layer3", (32, 32), ("recipe", "default", "legacy")),
    "vgg16": (lambda: vgg(False), "features.7", (32, 32), ("recipe",)),
    "vgg16-bn": (lambda: vgg(True), "features.10", (32, 32), ("recipe",)),
    "densenet121": (lambda: tv.DenseNet(4, (2, 2, 2, 2), 8, num_classes=10), "features.transition2", (32, 32), ("recipe", "legacy")),
    "mobilenet_v2": (lambda: narrowed(tv.MobileNetV2(10, inverted_residual_setting=[[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 2, 2]]), 8), "features.4", (32, 32), ("recipe",)),
    "mobilenet_v3": (mobilenet_v3, "features.2", (32, 32), ("recipe", "default")),
    "efficientnet_b0": (efficientnet, "features.3", (32, 32), ("recipe",)),
    "convnext_tiny": (convnext, "features.3", (32, 32), ("recipe", "default")),
    "vit_b_16": (vit, "encoder.layers.encoder_layer_0", (32, 32), ("recipe", "default", "legacy")),
    "shufflenet": (lambda: tv.ShuffleNetV2([1, 1, 1], [8, 8, 16, 24, 32], num_classes=10), "stage3", (32, 40), ("recipe", "legacy")),
    "googlenet-part": (lambda: nn.Sequential(nn.Conv2d(3, 8, 3, 2), Inception(8, 4, 4, 6, 2, 3, 4), nn.MaxPool2d(2, 2, ceil_mode=True), nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.Flatten(), nn.Linear(17 * 5 * 6, 10)), "1", (32, 40), ("recipe",)),
}
large = {
    "resnet50": (tv.resnet50, "layer3", (224, 224)),
    "vgg16": (tv.vgg16, "features.16", (224, 224)),
    "vgg16-bn": (tv.vgg16_bn, "features.23", (224, 224)),
    "densenet121": (tv.densenet121, "features.transition2", (224, 224)),
    "mobilenet_v2": (tv.mobilenet_v2, "features.10", (224, 224)),
    "mobilenet_v3": (tv.mobilenet_v3_large, "features.10", (224, 224)),
    "efficientnet_b0": (tv.efficientnet_b0, "features.5", (224, 224)),
    "convnext_tiny": (tv.convnext_tiny, "features.3", (224, 224)),
    "vit_b_16": (tv.vit_b_16, "encoder.layers.encoder_layer_3", (224, 224)),
}


def smooth(net):
    """The same network without kinks."""
    instead = {nn.ReLU: nn.SiLU, nn.ReLU6: nn.SiLU, nn.Hardswish: nn.SiLU, nn.Hardsigmoid: nn.Sigmoid}
    for parent in list(net.modules()):
        for name, module in list(parent.named_children()):
            if type(module) in instead:
                setattr(parent, name, instead[type(module)]())
            if isinstance(module, nn.MaxPool2d):
                setattr(parent, name, nn.AvgPool2d(module.kernel_size, module.stride, module.padding))
    return net


def randomised(net):
    """Nothing is left at 0 or 1, where a mistake would not be seen."""
    for module in net.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)):
            module.weight.data.uniform_(0.6, 1.4)
            module.bias.data.uniform_(-0.3, 0.3)
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 1.5)
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                module.bias.data.uniform_(-0.2, 0.2)
    for name, parameter in net.named_parameters():
        if name.endswith(("class_token", "layer_scale")):
            parameter.data.uniform_(0.3, 1.0)
    return net.eval()


def calibrated(net, size):
    """With the kernels that torchvision starts from, and BatchNorm's statistics those of its own values."""
    kernels = {name: module.weight.data.clone() for name, module in net.named_modules() if isinstance(module, (nn.Conv2d, nn.Linear))}
    randomised(net)
    for name, kernel in kernels.items():
        net.get_submodule(name).weight.data = kernel
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
    with torch.no_grad():
        net.train()(torch.rand(8, 3, *size, generator=torch.Generator().manual_seed(1)) * 4 - 2)
    return net.eval()


def export(net, images, path, exporter):
    settings = {"recipe": {"dynamo": True, "optimize": False, "external_data": False}, "default": {"dynamo": True, "external_data": False}, "legacy": {"dynamo": False}}
    torch.onnx.export(net, (images,), path, **settings[exporter])
    model = onnx.load(path)
    # What only names places on the machine that exported it.
    for holder in [model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]:
        keys = ["pkg.torch.onnx.name_scopes"] + ["pkg.torch.onnx.class_hierarchy"] * (exporter == "default")
        kept = [entry for entry in holder.metadata_props if entry.key in keys]
        del holder.metadata_props[:]
        holder.metadata_props.extend(kept)
        holder.doc_string = ""
    del model.graph.value_info[:]
    onnx.save(model, path)


def computed(net, images, layer):
    """What PyTorch computes, in the type of the network."""
    pixels = images.to(next(net.parameters()).dtype).requires_grad_()
    mean, std = torch.tensor([0.5, 0.45, 0.4]).to(pixels), torch.tensor([0.25, 0.3, 0.2]).to(pixels)
    seen = {}
    hook = net.get_submodule(layer).register_forward_hook(lambda _, __, output: seen.update(value=output))
    logits = net((pixels - mean[:, None, None]) / std[:, None, None])
    hook.remove()
    of_images, of_layer = torch.autograd.grad(logits[:, 0].sum(), [pixels, seen["value"]], retain_graph=True)
    loss = F.cross_entropy(logits, torch.tensor([3, 7][: len(images)]))
    named = [(key, value) for key, value in net.named_parameters()]
    chosen = [*named[:3], *named[len(named) // 2 : len(named) // 2 + 3], *named[-2:]]
    gradients = torch.autograd.grad(loss, [value for _, value in chosen])
    channels_last = lambda value: value.permute(0, 2, 3, 1) if value.dim() == 4 else value
    tensors = {
        "logits": logits,
        "inputGradient": channels_last(of_images),
        "activation": channels_last(seen["value"]),
        "activationGradient": channels_last(of_layer),
        **{f"parameter/{key}": value for (key, _), value in zip(chosen, gradients)},
    }
    return {key: value.detach() for key, value in tensors.items()}


# What the test asks of TensorFlow.
bar = 2e-3
relative = lambda found, expected: ((found - expected).abs().max() / expected.abs().max()).item()


def movement(net, images, layer, expected):
    """How far each tensor is from `expected` in float32, as it is and with other last bits of the weights."""
    draws = [net]
    for draw in range(2):
        draws.append(copy.deepcopy(net))
        generator = torch.Generator().manual_seed(draw)
        for parameter in draws[-1].parameters():
            parameter.data *= 1 + 1e-6 * torch.randn(parameter.shape, generator=generator)
    found = [computed(other, images, layer) for other in draws]
    return [{key: relative(tensors[key].double(), value) for key, value in expected.items()} for tensors in found]


def write(name, net, layer, size, exporters):
    images = torch.rand(1 if whole else 2, 3, *size, generator=torch.Generator().manual_seed(1))
    exact = copy.deepcopy(net).double() if whole else net
    tensors = computed(exact, images, layer)
    told, most = {"layer": layer}, 0.0
    if whole:
        single, *others = movement(net, images, layer, tensors)
        told["float32"] = json.dumps(single)
        largest = {key: max(each[key] for each in [single, *others]) for key in single}
        told["movement"], most = json.dumps(largest), max(largest.values())
    save_file({"images": images.permute(0, 2, 3, 1).contiguous()}, f"{folder}/images-{size[0]}x{size[1]}.safetensors")
    save_file({key: value.float().contiguous() for key, value in tensors.items()}, f"{folder}/{name}.safetensors", told)
    for exporter in exporters:
        export(net, images[:1], f"{folder}/{name}.{exporter}.onnx", exporter)
    return most


for name, (make, layer, size, *exporters) in (large if whole else small).items():
    if chosen and name not in chosen:
        continue
    torch.manual_seed(0)
    net = make(num_classes=10) if whole else make()
    # Random weights everywhere let MobileNetV3, which multiplies its values with each other, give logits of 1,000 without their last bits.
    net = calibrated(net, size) if whole and name == "mobilenet_v3" else randomised(net)
    if write(name, net, layer, size, exporters[0] if exporters else ("recipe",)) > bar:
        write(f"{name}-smooth", smooth(net), layer, size, ("recipe",))
