import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createFrom, plainServices, StudyError, type Weights } from '@espalier/core';
import { writeSafetensors } from '@espalier/formats';
import { resnet, resnet18 } from '@espalier/model-resnet';
import { parametersOf } from '@espalier/nn';
import { initialWeights, usualInitial } from '@espalier/nn/architectures';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'espalier-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lines: string[] = [];
const services = plainServices({
  folder,
  compute: { engine: 'wasm', inference: 'exact', training: 'exact' },
  log: (line) => lines.push(line),
});
const options = { width: 2, weights: 'weights.safetensors', head: 'weights' as const };
const weights = initialWeights(parametersOf(resnet('resnet18', 2, { classes: 3 })), usualInitial, 1);

const spec = {
  input: { height: 32, width: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  classes: ['a', 'b', 'c'],
};

function write(content: Uint8Array | Weights | string): void {
  rmSync(join(folder, 'weights.safetensors'), { recursive: true, force: true });
  const bytes = content instanceof Map ? writeSafetensors(content) : (content as Uint8Array | string); // the rest of the union
  writeFileSync(join(folder, 'weights.safetensors'), bytes);
}

async function loaded(classes = spec.classes): Promise<Weights> {
  const factory = await createFrom(resnet18, options, services);
  using model = await factory.create({ ...spec, classes }, 0);
  return await model.weights();
}

/** What `plan` says, which must be what a run says. */
async function refusals(): Promise<StudyError> {
  const [planned, run] = await Promise.all(
    [resnet18.fingerprint!(options, services), loaded()].map((work) => work.catch((error: unknown) => error)),
  );
  if (!StudyError.is(planned) || !StudyError.is(run)) throw new Error(`taken, or no StudyError: ${planned} ${run}`);
  expect(run.message).toBe(planned.message);
  return planned;
}

/** The weights as a file of another type: `convert` gives the bytes of one number. */
function inType(dtype: string, size: number, convert: (view: DataView, at: number, value: number) => void): Uint8Array {
  const header: Record<string, unknown> = {};
  const bytes: number[] = [];
  for (const [name, { data, shape }] of weights) {
    const from = bytes.length;
    const view = new DataView(new ArrayBuffer(data.length * size));
    for (const [i, value] of data.entries()) convert(view, i * size, value);
    for (const byte of new Uint8Array(view.buffer)) bytes.push(byte);
    header[name] = { dtype, shape, data_offsets: [from, bytes.length] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.from(bytes)]);
}

test('F64 is read as float32', async () => {
  write(inType('F64', 8, (view, at, value) => view.setFloat64(at, value, true)));
  expect(await loaded()).toEqual(weights);
});

test('what DataParallel, torch.compile and torch.nn.utils.prune wrote is read, and said', async () => {
  lines.length = 0;
  const kernel = weights.get('conv1.weight')!;
  const written = new Map<string, typeof kernel>();
  for (const [name, array] of weights) {
    if (name === 'conv1.weight') {
      written.set('module._orig_mod.conv1.weight_orig', array);
      written.set('module._orig_mod.conv1.weight_mask', { ...array, data: array.data.map((_, i) => i % 2) });
    } else if (!name.endsWith('.num_batches_tracked')) written.set(`module._orig_mod.${name}`, array);
  }
  write(written);
  const expected = kernel.data.map((value, i) => (i % 2 ? value : 0 * value));
  expect(await loaded()).toEqual(new Map(weights).set('conv1.weight', { ...kernel, data: expected }));
  expect(lines).toHaveLength(3);
});

describe('what no network starts from is refused alike by plan and run', () => {
  test('a negative variance', async () => {
    const variance = weights.get('layer2.0.bn1.running_var')!;
    write(new Map(weights).set('layer2.0.bn1.running_var', { ...variance, data: variance.data.map((v) => -v) }));
    expect((await refusals()).message).toContain('"layer2.0.bn1.running_var" must hold variances');
  });

  test('NaN', async () => {
    const bias = weights.get('fc.bias')!;
    write(new Map(weights).set('fc.bias', { ...bias, data: bias.data.with(2, Number.NaN) }));
    expect(await refusals()).toMatchObject({
      code: 'core/values-not-finite',
      message: expect.stringContaining('"fc.bias"'),
    });
  });

  test('another width', async () => {
    write(initialWeights(parametersOf(resnet('resnet18', 4, { classes: 3 })), usualInitial, 0));
    expect((await refusals()).message).toContain('"conv1.weight" must have the shape [2, 3, 7, 7], found [4, 3, 7, 7]');
  });

  test.each([
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n', 'git lfs pull'],
    ['an HTML page', '<!DOCTYPE html><html><body>404</body></html>', 'download it again'],
    ['a gzip archive', gzipSync('weights'), 'unpack it'],
    ['a PyTorch file', torchZip(), 'safetensors.torch.save_file(torch.load('],
    ['a NumPy array', '\x93NUMPY\x01\x00', 'safetensors.torch.save_file'],
    ['an ONNX model', Buffer.from('\x08\x07\x12\x07pytorch', 'latin1'), 'safetensors.torch.save_file'],
    ['an empty file', '', 'download it again'],
  ])('%s', async (what, content, advice) => {
    write(content.length > 0 && typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
    const { code, message } = await refusals();
    expect(code).toBe('files/invalid');
    expect(message).toContain(`at weights.safetensors, but it is ${what}`);
    expect(message).toContain(advice);
  });

  test('a folder', async () => {
    rmSync(join(folder, 'weights.safetensors'), { recursive: true, force: true });
    mkdirSync(join(folder, 'weights.safetensors'));
    const { code, message } = await refusals();
    expect(code).toBe('files/unreadable');
    expect(message).toContain(`(weights.safetensors) at ${join(folder, 'weights.safetensors')}, found a folder`);
  });

  test.skipIf(process.platform === 'win32')('a FIFO, without waiting', async () => {
    rmSync(join(folder, 'weights.safetensors'), { recursive: true, force: true });
    execFileSync('mkfifo', [join(folder, 'weights.safetensors')]);
    expect((await refusals()).message).toContain('found a pipe (FIFO)');
  });

  test.skipIf(process.getuid?.() === 0)('a file of somebody else (skipped as root, who may read all)', async () => {
    write(weights);
    chmodSync(join(folder, 'weights.safetensors'), 0);
    expect((await refusals()).message).toContain('may not be opened by this user');
  });

  test('many gigabytes, of which no byte is read', async () => {
    write('');
    truncateSync(join(folder, 'weights.safetensors'), 2 ** 35);
    expect((await refusals()).message).toMatch(/of at most \d+ bytes; found 34359738368 bytes/);
  });
});

test('another number of classes is said as such', async () => {
  write(weights);
  const error = await loaded(['a', 'b']).catch((each: unknown) => each);
  expect(error).toMatchObject({
    code: 'core/weights-mismatch',
    message: expect.stringContaining('They tell 3 classes apart, the data has 2.'),
  });
});

/** The head of a zip whose first entry is named as torch.save names it. */
function torchZip(): Uint8Array {
  const name = 'resnet18/data.pkl';
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, Buffer.from(name), Buffer.alloc(16)]);
}
