import { resolve } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { foundInstead, readRegularFileSync, shownPath } from '@espalier/files';
import { type ModelProto, ModelProtoSchema } from 'onnx-buf';
import { checkWire } from './check-wire.ts';
import { limits, opsets } from './limits.ts';
import { exporterLine, invalid, quoted, unsupported } from './model-error.ts';

/** An ONNX file as it was decoded. */
export interface ModelFile {
  /** As people read it. */
  readonly name: string;
  /** Absolute; its folder is where external tensors may lie. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly model: ModelProto;
  /** Version of ONNX' own operators. */
  readonly opset: number;
}

/**
 * Reads and decodes an ONNX file, which is not trusted.
 *
 * @param path absolute, or from `folder`
 * @throws StudyError `core/data-missing`, `files/unreadable`, `model-onnx/invalid` or `model-onnx/unsupported`
 */
export function readModel(path: string, folder: string): ModelFile {
  const what = `the ONNX model that the option "file" names (${shownPath(path)})`;
  const advice = 'Give the path of an ONNX file, relative to the study file.';
  const bytes = readRegularFileSync(resolve(folder, path), { what, advice, most: limits.fileBytes });
  return decodeModel(bytes, resolve(folder, path), shownPath(path));
}

/** As `readModel`, of bytes. @param name what to call the file in errors */
export function decodeModel(bytes: Uint8Array, path: string, name: string): ModelFile {
  const model = decoded(bytes, name);
  checkModel(model, name);
  return { name, path, bytes, model, opset: opsetOf(model, name) };
}

function decoded(bytes: Uint8Array, name: string): ModelProto {
  const found = bytes[0] === 0x08 ? undefined : foundInstead(bytes);
  if (found !== undefined) throw invalid(name, `expected an ONNX model, but ${found}.`);
  checkWire(bytes, name);
  try {
    return fromBinary(ModelProtoSchema, bytes, { recursionLimit: limits.depth });
  } catch (cause) {
    throw invalid(
      name,
      'expected an ONNX model; what is there cannot be decoded as one. Export or download it again.',
      cause,
    );
  }
}

function checkModel({ graph, functions, trainingInfo }: ModelProto, name: string): void {
  if (!graph || (graph.node.length === 0 && graph.output.length === 0))
    throw invalid(name, 'expected an ONNX model; found no graph in it. Export or download it again.');
  if (functions.length > 0)
    throw unsupported(
      name,
      `it defines ${functions.length} functions of its own, beginning with ${quoted(functions[0]!.name)}; only ONNX' own operators are supported. ` +
        `Inline them with onnx.inliner.inline_local_functions, or export the network anew: ${exporterLine}`,
    );
  if (trainingInfo.length > 0)
    throw unsupported(
      name,
      'it holds a training graph, which is not supported. Export the network in evaluation mode.',
    );
  if (graph.sparseInitializer.length > 0)
    throw unsupported(name, 'it holds sparse tensors, which are not supported. Save them as dense ones.');
  if (graph.node.length > limits.nodes || graph.initializer.length > limits.tensors)
    throw unsupported(
      name,
      `it has ${graph.node.length} nodes and ${graph.initializer.length} tensors; at most ${limits.nodes} of each are supported.`,
    );
}

function opsetOf({ opsetImport }: ModelProto, name: string): number {
  const own = opsetImport.filter(({ domain }) => domain === '' || domain === 'ai.onnx');
  const version = Number(own[0]?.version ?? 0);
  if (own.length === 1 && version >= opsets.first && version <= opsets.last) return version;
  const found = own.length === 1 ? `version ${version}` : own.length === 0 ? 'no version' : 'several versions';
  throw unsupported(
    name,
    `it asks for ${found} of ONNX' operators (opset); versions ${opsets.first} to ${opsets.last} are supported. Export it with opset_version=20.`,
  );
}
