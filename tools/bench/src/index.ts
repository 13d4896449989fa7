import { parseArgs } from 'node:util';
import { benchCompacted } from './compacted.ts';
import { benchEngine } from './engine.ts';
import { benchEvaluation } from './evaluation/evaluation.ts';
import { evaluationLines } from './evaluation/lines.ts';
import { fastEffect } from './fast-effect.ts';
import { benchPlan } from './plan.ts';
import { benchRoad, roadLines } from './road.ts';
import { benchRunner } from './runner.ts';

const usage = `npm run bench -- [--only compacted|engine|evaluation|fast|plan|road|runner] [--engine auto|tensorflow|wasm] [--runs 7]
                  [--network resnet18|resnet50|mobilenet_v2|vit_b_16] [--clock wall|cpu]
                  [--images 8] [--folder F] [--weights F.safetensors] [--label 0] [--json]      of the evaluation

Compares with PyTorch, Captum, Quantus and Craft where the interpreter named by ESPALIER_PYTHON (default python3) has them.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    engine: { type: 'string', default: 'auto' },
    network: { type: 'string' },
    clock: { type: 'string', default: 'wall' },
    runs: { type: 'string', default: '7' },
    images: { type: 'string', default: '8' },
    folder: { type: 'string' },
    weights: { type: 'string' },
    label: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const python = process.env.ESPALIER_PYTHON ?? 'python3';
const { engine, clock } = values;
const only = values.network === undefined ? {} : { network: values.network };
const runs = Number(values.runs);
const isClock = clock === 'wall' || clock === 'cpu';
const isEngine = engine === 'auto' || engine === 'tensorflow' || engine === 'wasm';

if (values.help || !isEngine || !isClock || !Number.isInteger(runs) || runs < 1) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const wants = (part: string) => values.only === undefined || values.only === part;
  if (wants('compacted')) console.log(await benchCompacted(engine, runs));
  if (wants('engine'))
    for await (const line of benchEngine(python, { engine, runs, clock, ...only })) console.log(line);
  if (wants('evaluation')) {
    const { folder, weights } = values;
    const found = await benchEvaluation(python, {
      ...{ engine, runs, images: Number(values.images), label: Number(values.label) },
      ...(folder !== undefined && { folder }),
      ...(weights !== undefined && { weights }),
    });
    if (values.json) console.log(JSON.stringify(found, null, 2));
    else for (const line of evaluationLines(found)) console.log(line);
  }
  if (wants('fast')) console.log((await fastEffect(engine)) ?? 'fast: this engine computes in float32 only');
  if (wants('plan')) console.log(benchPlan(runs));
  if (wants('road')) for (const line of roadLines(await benchRoad(python))) console.log(line);
  if (wants('runner')) for await (const line of benchRunner()) console.log(line);
}
