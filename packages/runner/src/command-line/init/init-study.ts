import { filePackage } from './file-size.ts';
import { type InitChoices, networks } from './init-choices.ts';

/** The text of a study over the recipe `prune-and-explain`: JSON with comments, for people to go on with. */
export function initStudy(name: string, choices: InitChoices): string {
  const { train, levels } = choices;
  const dense = train > 0 ? 'dense' : 'network';
  const include = [
    ...(train > 0 ? [trainInclude(choices)] : []),
    [
      '    "protocol": {',
      '      "recipe": "@espalier/recipes/prune-and-explain",',
      '      "in": {',
      `        "model": { "$from": "${dense}.model" },`,
      '        "data": { "$from": "data" },',
      '        "scores": { "$from": "speed.scores" }',
      '      },',
      '      "with": {',
      '        // Fractions of the weights that are removed, rising; after each, the network is trained on.',
      [
        `        "levels": ${list(levels)}`,
        `        "finetuneEpochs": ${train > 0 ? 3 : 1}`,
        `        "finetuneRate": ${train > 0 ? 0.02 : 0.005}`,
        ...armLines(choices),
        `        "explainers": ${explainerList(choices)}`,
        '        // Concepts are found in the activations of one layer; null takes the last.\n        "layer": null',
        '        "conceptImages": null',
      ].join(',\n'),
      '      }',
      '    }',
    ].join('\n'),
  ];
  return `// What becomes of what can be explained about a network when it is pruned.
//   espalier plan <this file>    what would run, and why
//   espalier run <this file>     runs it, and goes on where it was stopped; --param protocol.levels=[0.5] changes a parameter
{
  "$schema": "./.espalier/study.schema.json",
  "apiVersion": "study/v1",
  "name": ${json(name)},
  "plugins": ${plugins(choices)},
  "seed": 1,
  "nodes": {
${dataNode(choices)},
${networkNode(choices)},
${speedNode}
  },
  "include": {
${include.join(',\n')}
  },
  "outputs": {
    "report.html": { "$from": "protocol.report.html" },
    "answer.md": { "$from": "protocol.answer.md" },
    "results.json": { "$from": "protocol.results.json" }
  }
}
`;
}

function plugins({ images, network }: InitChoices): string {
  const data = images === 'planted' ? '@espalier/data-planted' : '@espalier/data-folder';
  const model = 'onnx' in network ? `"onnx": ${json(filePackage)}` : `"model": ${json(networks[network.name])}`;
  return `{ "data": ${json(data)}, ${model}, "metrics": "@espalier/metrics" }`;
}

function dataNode({ images, size, mean, std, network, evalPerClass }: InitChoices): string {
  const ofNetwork = 'onnx' in network ? network : { mean, std };
  const options = {
    ...(images !== 'planted' && { folder: images.folder }),
    ...(size !== undefined && { size }),
    ...(images !== 'planted' && ofNetwork.mean && { mean: ofNetwork.mean }),
    ...(images !== 'planted' && ofNetwork.std && { std: ofNetwork.std }),
    ...(evalPerClass !== undefined && { evalPerClass }),
  };
  const use = images === 'planted' ? 'data/planted' : 'data/image-folder';
  const comment =
    images === 'planted'
      ? 'Drawn images, whose concepts are known.'
      : 'One folder per class, or train and val with one per class in each.';
  return `    // ${comment}\n    "data": { "use": "${use}", "with": ${object(options)} }`;
}

function networkNode({ network }: InitChoices): string {
  const [use, options] =
    'onnx' in network
      ? ['onnx/model', { file: network.onnx, mean: network.mean, std: network.std }]
      : [`model/${network.name}`, network.weights === undefined ? {} : { weights: network.weights }];
  return `    "network": {
      "use": ${json(use)},
      "in": { "data": { "$from": "data.train" } },
      "matrix": { "seed": [0] },
      "with": ${object(options)}
    }`;
}

const speedNode = `    // Images per second before and after what was pruned away is cut out: a clock says it, so no two runs write the same report to the last byte.
    "speed": {
      "use": "metrics/speed",
      "in": { "model": { "$from": "protocol.model" }, "images": { "$from": "data.eval" } }
    }`;

function trainInclude({ train }: InitChoices): string {
  return `    "dense": {
      "recipe": "@espalier/recipes/train",
      "in": { "model": { "$from": "network.model" }, "data": { "$from": "data" } },
      "with": { "epochs": ${train} }
    }`;
}

const pruned = '"sparsity": { "$axis": "sparsity" }, "finetune": { "$param": "protocol.finetune" }';
const armForms: Readonly<Record<string, string>> = {
  magnitude: `{ "label": "magnitude", "use": "magnitude/prune", "with": { ${pruned} } }`,
  random: `{ "label": "random", "use": "random/prune", "with": { ${pruned}, "match": "per-layer" } }`,
  'trained-on': '{ "label": "trained-on", "use": "core/train", "with": { "$param": "protocol.finetune" } }',
};

/** Nothing where all arms are wanted, which is what the recipe does. */
function armLines({ arms }: InitChoices): readonly string[] {
  if (arms.length === Object.keys(armForms).length) return [];
  const forms = arms.map((arm) => `          ${armForms[arm]}`).join(',\n');
  return [`        "arms": [\n${forms}\n        ]`, `        "treatment": ${json(arms[0])}`];
}

const explainerForms: Readonly<Record<string, string>> = {
  vg: '"vg/saliency"',
  ig: '{ "use": "ig/integrated-gradients", "with": { "steps": 24 } }',
};

function explainerList({ explainers }: InitChoices): string {
  return `[${explainers.map((name) => explainerForms[name]).join(', ')}]`;
}

function list(values: readonly unknown[]): string {
  return `[${values.map(json).join(', ')}]`;
}

function object(options: object): string {
  const entries = Object.entries(options).map(
    ([key, value]) => `${json(key)}: ${Array.isArray(value) ? list(value) : json(value)}`,
  );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
