import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Wall time of `espalier plan` on a study of 10,001 instances, process start included; the bar is 2 s. */
export function benchPlan(runs: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-plan-'));
  try {
    const file = join(folder, 'study.json');
    writeFileSync(file, JSON.stringify(largeStudy()));
    const runner = dirname(createRequire(import.meta.url).resolve('@espalier/runner'));
    const command = join(dirname(runner), 'bin', 'espalier.js');
    const seconds = Array.from({ length: runs }, () => {
      const started = performance.now();
      const text = execFileSync(process.execPath, [command, 'plan', file], { encoding: 'utf8' });
      if (!text.includes('10001 to run')) throw new Error(`Expected 10001 instances to run; found:\n${text}`);
      return (performance.now() - started) / 1000;
    });
    seconds.sort((a, b) => a - b);
    return `plan of 10,001 instances: median ${seconds[runs >> 1]!.toFixed(2)} s, slowest ${seconds.at(-1)!.toFixed(2)} s (bar 2 s)`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function largeStudy(): unknown {
  const fifty = Array.from({ length: 50 }, (_, i) => i);
  return {
    apiVersion: 'study/v1',
    name: 'large',
    plugins: {
      data: '@espalier/data-planted',
      resnet: '@espalier/model-resnet',
      vg: '@espalier/explainer-vg',
      metrics: '@espalier/metrics',
    },
    seed: 1,
    maxInstances: 10_001,
    nodes: {
      data: { use: 'data/planted', with: { evalPerClass: 1 } },
      network: {
        use: 'resnet/resnet18',
        in: { data: { $from: 'data.train' } },
        matrix: { seed: fifty, repeat: fifty },
      },
      dense: {
        use: 'core/train',
        in: { model: { $from: 'network.model' }, data: { $from: 'data.train' } },
        with: { epochs: 1 },
      },
      maps: { use: 'vg/saliency', in: { model: { $from: 'dense.model' }, images: { $from: 'data.eval' } } },
      sparse: { use: 'metrics/sparseness', in: { attributions: { $from: 'maps.attributions' } } },
    },
  };
}
