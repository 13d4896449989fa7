import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StudyError } from '@espalier/core';
import { parseStudyText } from '@espalier/study';
import { expect, test } from 'vitest';
import { bytesOf, smallModel } from '../../model-onnx/test/small-model.ts';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { initCommand } from '../src/command-line/commands/init.ts';
import { outputTo } from '../src/command-line/commands/output.ts';
import type { Ask } from '../src/command-line/init/init-choices.ts';
import type { InitFlags } from '../src/command-line/init/init-flags.ts';
import { openStudy } from '../src/index.ts';

async function init(file: string, flags: InitFlags, ask?: Ask) {
  let told = '';
  const write = (text: string): void => {
    told += text;
  };
  const output = outputTo({ isTerminal: false, columns: 80, write, writeError: write });
  const code = await initCommand(file, { time: false, ...flags }, ask, output);
  return { code, told };
}

async function refusal(file: string, flags: InitFlags, ask?: Ask): Promise<string> {
  const error = await init(file, flags, ask).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!StudyError.is(error)) throw error ?? new Error('Nothing was refused.');
  expect(error.code).toBe('runner/init-invalid');
  return error.message;
}

test('a study over drawn images is written, planned and sound', async () => {
  const file = join(temporaryFolder(), 'study.json');
  const { code, told } = await init(file, { images: 'planted', network: 'resnet18', train: 2, levels: [0.5] });
  expect(code).toBe(0);
  expect(told).toMatch(/wrote {4}.*study\.json\n/);
  expect(told).toContain('  protocol: the recipe @espalier/recipes/prune-and-explain');
  expect(told.endsWith(`Run it:  espalier run ${file}\n`)).toBe(true);
  await using opened = await openStudy({ file });
  expect(opened.plan.params).toMatchObject({ 'protocol.levels': [0.5], 'dense.epochs': 2 });
});

test('the time that it will take is estimated for the network itself', async () => {
  const onnx = join(import.meta.dirname, '../../model-onnx/test/fixtures/resnet50.recipe.onnx');
  const { code, told } = await init(join(temporaryFolder(), 'study.json'), { images: 'planted', onnx, time: true });
  expect(code).toBe(0);
  expect(told).toMatch(/^Time: about \w.* in the network \(training on \d+ images, \d+ predictions, \d+ gradients\)/m);
});

test('the arms that are chosen are those of the study, the first one its treatment', async () => {
  const file = join(temporaryFolder(), 'my study.jsonc');
  const flags = { images: 'planted', network: 'resnet18', arms: ['random', 'trained-on'], explainers: ['vg'] };
  expect((await init(file, flags)).code).toBe(0);
  await using opened = await openStudy({ file });
  const { instances, params, name } = opened.plan;
  const labels = instances.filter(({ node }) => node === 'protocol/prune').map((one) => one.labels.arm);
  expect([name, params['protocol.treatment']]).toEqual(['my-study', 'random']);
  expect(new Set(labels)).toEqual(new Set(['random', 'trained-on']));
});

test('paths are written as they are from the study; an ONNX file needs no training', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'photos'));
  mkdirSync(join(folder, 'studies'));
  writeFileSync(join(folder, 'net.onnx'), 'not opened to write a study');
  const file = join(folder, 'studies/study.json');
  const flags = { images: join(folder, 'photos'), onnx: join(folder, 'net.onnx'), size: 32, mean: [0.5, 0.5, 0.5] };
  // The plan says what is wrong with what the study is about, and init how to go on.
  await expect(init(file, flags)).rejects.toThrow(/study\.json has[\s\S]*\nMend it in .*study\.json, or remove /);
  const { nodes, include } = parseStudyText(readFileSync(file, 'utf8'), file).value as Record<
    'nodes' | 'include',
    object
  >;
  expect(nodes).toMatchObject({
    data: { with: { folder: '../photos', size: 32, mean: [0.5, 0.5, 0.5] } },
    network: { use: 'onnx/model', with: { file: '../net.onnx', mean: [0.5, 0.5, 0.5], std: [0.229, 0.224, 0.225] } },
  });
  expect(Object.keys(include)).toEqual(['protocol']);
});

/** What the study says of its images, of a network whose file takes `input`. */
async function sizeFor(input: readonly number[], flags: InitFlags = {}) {
  const folder = temporaryFolder();
  const [file, onnx] = [join(folder, 'study.json'), join(folder, 'net.onnx')];
  writeFileSync(onnx, bytesOf(smallModel({ nodes: [['Relu', ['x'], 'y']], input })));
  const told = await init(file, { images: 'planted', onnx, ...flags }).catch((error: unknown) => String(error));
  const { nodes } = parseStudyText(readFileSync(file, 'utf8'), file).value as { nodes: { data: { with: object } } };
  return { told, data: nodes.data.with };
}

test('images have the size that the file of the network takes, where nobody says another', async () => {
  expect((await sizeFor([-1, 3, 40, 40])).data).toEqual({ size: 40 });
  expect((await sizeFor([-1, 3, -1, -1])).data).toEqual({});
  expect((await sizeFor([1, 3, 40, -1])).data).toEqual({});
  const other = await sizeFor([1, 3, 40, 40], { size: 48 });
  expect(other.data).toEqual({ size: 48 });
  expect(other.told).toContain('net.onnx takes images of 40 x 40 pixels, the data has 48 x 48');
});

test('a network for images that are not square is refused, since datasets have none', async () => {
  const onnx = join(temporaryFolder(), 'net.onnx');
  writeFileSync(onnx, bytesOf(smallModel({ nodes: [['Relu', ['x'], 'y']], input: [1, 3, 32, 48] })));
  const file = join(temporaryFolder(), 'study.json');
  expect(await refusal(file, { images: 'planted', onnx })).toContain(
    'net.onnx takes images of 32 x 48 pixels; those of datasets are square',
  );
});

test('who sits at a terminal is asked for what is missing', async () => {
  const file = join(temporaryFolder(), 'study.json');
  const questions: string[] = [];
  const ask: Ask = async (question) => {
    questions.push(question);
    return question.includes('images') ? 'planted' : 'resnet18';
  };
  expect((await init(file, {}, ask)).code).toBe(0);
  expect(questions).toHaveLength(2);
});

test.each(['vgg11', 'mobilenet-v2'])('%s is a network of another package', async (network) => {
  const file = join(temporaryFolder(), 'study.json');
  expect(
    (await init(file, { images: 'planted', network, size: 32, arms: ['magnitude'], explainers: ['vg'] })).code,
  ).toBe(0);
});

test('a file that is there is not written over', async () => {
  const file = join(temporaryFolder(), 'study.json');
  writeFileSync(file, '{}');
  expect(await refusal(file, { images: 'planted', network: 'resnet18' })).toContain('is there already');
  expect(readFileSync(file, 'utf8')).toBe('{}');
});

test.each<readonly [InitFlags, string]>([
  [{}, 'Say where the images are: --images <folder>'],
  [{ images: 'planted' }, 'Say which network: --onnx <file>, or --network with one of resnet18, resnet34, resnet50,'],
  [{ images: 'planted', network: 'resnet19' }, '--network has no "resnet19". Did you mean "resnet18"?'],
  [{ images: 'planted', onnx: 'a.onnx', network: 'resnet18' }, 'leave out --network and --weights'],
  [{ images: 'planted', weights: 'a.safetensors' }, '--weights belongs to a network by name'],
  [{ images: 'planted', onnx: 'no-such.onnx' }, '--onnx: there is nothing at'],
  [{ images: 'no-such-folder', network: 'resnet18' }, '--images: there is nothing at'],
  [{ images: 'package.json', network: 'resnet18' }, '--images must be a folder;'],
  [
    { images: 'planted', network: 'resnet18', levels: [0.5, 0.3] },
    '--levels must be fractions between 0 and 1 that rise',
  ],
  [{ images: 'planted', network: 'resnet18', levels: [1.5] }, '--levels must be fractions between 0 and 1 that rise'],
  [
    { images: 'planted', network: 'resnet18', arms: ['magnitud'] },
    '--arms has no "magnitud". Did you mean "magnitude"?',
  ],
  [{ images: 'planted', network: 'resnet18', explainers: ['vg', 'vg'] }, '--explainers names "vg" twice.'],
  [{ images: 'planted', network: 'resnet18', mean: [0.5] }, '--mean takes three numbers'],
  [{ images: 'planted', network: 'resnet18', std: [0, 1, 1] }, '--std takes numbers above 0'],
  [
    { images: 'planted', network: 'resnet18', mean: [0.5, 116, 0.5] },
    'found 116. Divide those of images in [0, 255] by 255',
  ],
])('%j is refused in one sentence, and nothing is written', async (flags, text) => {
  const file = join(temporaryFolder(), 'study.json');
  expect(await refusal(file, flags)).toContain(text);
  expect(() => readFileSync(file)).toThrow('ENOENT');
});
