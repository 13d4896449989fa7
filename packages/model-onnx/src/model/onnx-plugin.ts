import { createHash } from 'node:crypto';
import { definePlugin, type Services, StudyError } from '@espalier/core';
import { memoryOf, outlineOf } from '@espalier/nn/architectures';
import { exportOnnx } from '../write/export-onnx.ts';
import { onnxFindings } from './onnx-findings.ts';
import { checkFolding, fixedSize, networkFor, readForAnySize, readNetwork } from './onnx-network.ts';
import { type OnnxOptions, onnxOptions } from './onnx-options.ts';

/**
 * The network of an ONNX file, with the weights of the file.
 * @example "network": { "use": "onnx/model", "with": { "file": "network.onnx", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }, "in": { "data": { "$from": "data.train" } } }
 */
export const model = definePlugin({
  kind: 'model',
  name: 'model',
  title: 'ONNX',
  cacheVersion: '2',
  source: {
    title: 'ONNX, Open Neural Network Exchange: operators of the versions 9 to 24',
    url: 'https://onnx.ai/onnx/operators/',
    departures: [
      'a last softmax is left out',
      'equal tensors that an exporter let layers share are separate parameters',
    ],
  },
  options: onnxOptions,
  check: onnxFindings,
  drawsNothing: ({ head }) => head === 'weights',
  memory: (options, use, { folder }) => {
    const found = tried(() => readNetwork(options, folder, use));
    return found && memoryOf(found.network, use);
  },
  imageSize: (options, { folder }) => tried(() => fixedSize(options, folder)),
  modelOutline: (options, images, { folder }) => {
    const found = tried(() => readNetwork(options, folder, images ?? null));
    const network = found && tried(() => networkFor(found, options, images?.classes.length ?? found.classes));
    return found && network && outlineOf(network, found.size);
  },
  notes: (options, { folder, images }) => tried(() => readNetwork(options, folder, images ?? null))?.notes ?? [],
  fileForms: { '.onnx': async (options, weights, { folder }) => exportOnnx(options, folder, weights) },
  fingerprint: async (options, { folder }) => fingerprintOf(options, folder),
  async create(options, services: Services) {
    // Only who computes loads what computes: a plan knows a plugin by its name and options.
    const { onnxFactory } = await import('./onnx-factory.ts');
    return onnxFactory(options, services);
  },
});

/** Undefined where something is wrong, which the check tells. */
function tried<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (StudyError.is(error)) return undefined;
    throw error;
  }
}

/** A digest of the file, and of the tensors beside it. What no network could be made of is found before anything runs. */
function fingerprintOf(options: OnnxOptions, folder: string): string {
  const found = readForAnySize(options, folder);
  checkFolding(found, options);
  const digest = createHash('sha256').update(found.file.bytes);
  for (const { name, values } of found.weights.values()) digest.update(name).update(bytesOf(values()));
  return digest.digest('hex');
}

function bytesOf(values: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
