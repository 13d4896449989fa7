"""Sparse autoencoders with given weights: packages/concepts-sae/test/fixtures/reference.json.

Needs Python below 3.13. Run with PyTorch 2.15.0, overcomplete 0.3.0, matplotlib 3.10.
"""

import json
import pathlib

import torch
from overcomplete.sae import BatchTopKSAE, TopKSAE

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
latents, features, rows, k = 12, 5, 8, 3

encoder = torch.randn(latents, features)
encoder_bias = 0.3 * torch.randn(latents)
decoder = torch.nn.functional.normalize(torch.randn(latents, features), dim=1)
bias = torch.randn(features)
x = torch.randn(rows, features)


class Encoder(torch.nn.Module):
    """E (x - b) + c, and what is positive of it."""

    def forward(self, values):
        before = (values - bias) @ encoder.T + encoder_bias
        return before, torch.relu(before)


def model_of(kind, count):
    model = kind(features, latents, top_k=count, encoder_module=Encoder())
    # The dictionary as it stands, without a projection that it would do again.
    model.get_dictionary = lambda: decoder
    return model


def listed(values):
    return [float(f"{value:.12g}") for value in values.detach().flatten()]


top = model_of(TopKSAE, k)
before, codes = top.encode(x)
batch = model_of(BatchTopKSAE, k * rows)  # its top_k counts over the whole batch
batch.train()
_, batch_codes = batch.encode(x)
first = float(batch.running_threshold)
_, _ = batch.encode(0.5 * x)
second = float(batch.running_threshold)
batch.eval()
_, evaluated = batch.encode(x)

folder = pathlib.Path(__file__).resolve().parents[2] / "packages/concepts-sae/test/fixtures"
folder.mkdir(parents=True, exist_ok=True)
reference = {
    "latents": latents,
    "features": features,
    "rows": rows,
    "k": k,
    "encoder": listed(encoder),
    "encoderBias": listed(encoder_bias),
    "decoder": listed(decoder),
    "bias": listed(bias),
    "x": listed(x),
    "before": listed(before),
    "codes": listed(codes),
    "decoded": listed(bias + codes @ decoder),
    "batchCodes": listed(batch_codes),
    "thresholds": [first, second],
    "evaluated": listed(evaluated),
}
(folder / "reference.json").write_text(json.dumps(reference) + "\n")
