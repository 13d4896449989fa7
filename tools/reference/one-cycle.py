"""Learning rates of PyTorch's OneCycleLR, for packages/nn/test/schedule.test.ts. Needs torch."""
import torch

for steps, warmup in [(10, 0.3), (7, 0.25), (4, 0.0)]:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], 0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.1, total_steps=steps, pct_start=warmup, div_factor=25, final_div_factor=1e4, cycle_momentum=False
    )
    rates = []
    for step in range(steps):
        rates.append(round(optimizer.param_groups[0]["lr"], 10))
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    print(torch.__version__, warmup, rates)
