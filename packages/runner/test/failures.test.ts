import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiVersion } from '@espalier/core';
import { expect, test } from 'vitest';
import { quickDisk, temporaryFolder } from '../../store/test/temporary-folder.ts';
import { plugins } from './toy-plugins.ts';
import { nodeOf, runToy, toyStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

/** A small study, changed. */
function smaller(change: (study: Study) => void = () => {}): Study {
  const study = toyStudy();
  Object.assign(study.params as object, { seeds: [0], levels: [0.5] });
  change(study);
  return study;
}

/** What failed or was skipped, one line each. */
async function failures(folder: string, study: Study, disk?: Parameters<typeof runToy>[3]): Promise<string[]> {
  const result = await runToy(folder, study, {}, disk);
  expect(result.status).toBe('failed');
  return [...result.failures].map(([id, failure]) => {
    if ('because' in failure) return `${id} skipped because ${failure.because}`;
    return `${id} [${failure.code}] ${failure.text.replaceAll(folder, '<folder>').replace(/\d+ bytes/g, 'N bytes')}`;
  });
}

test('missing data are one error, and everything that needs them is skipped', async () => {
  const study = smaller((s) => Object.assign(nodeOf(s, 'data'), { with: { folder: 'photos' } }));
  expect((await failures(temporaryFolder(), study)).slice(0, 3)).toMatchInlineSnapshot(`
    [
      "data [core/data-missing] There is no folder photos. Check the option "folder".",
      "network[seed=0] skipped because data",
      "dense[seed=0] skipped because data",
    ]
  `);
});

test('a corrupt image fails what looks at it, and independent branches go on', async () => {
  const study = smaller((s) => Object.assign(nodeOf(s, 'data'), { with: { corrupt: 'val/3.jpg' } }));
  const folder = temporaryFolder();
  expect(await failures(folder, study)).toMatchInlineSnapshot(`
    [
      "attr[explainer=toy/flat,seed=0,sparsity=0] [core/data-corrupt] The image val/3.jpg is not a readable JPEG. Replace or delete it.",
      "mass[explainer=toy/flat,seed=0,sparsity=0] skipped because attr[explainer=toy/flat,seed=0,sparsity=0]",
      "attr[explainer=toy/gradient,seed=0,sparsity=0] [core/data-corrupt] The image val/3.jpg is not a readable JPEG. Replace or delete it.",
      "mass[explainer=toy/gradient,seed=0,sparsity=0] skipped because attr[explainer=toy/gradient,seed=0,sparsity=0]",
      "attr[explainer=toy/flat,seed=0,sparsity=0.5] [core/data-corrupt] The image val/3.jpg is not a readable JPEG. Replace or delete it.",
      "mass[explainer=toy/flat,seed=0,sparsity=0.5] skipped because attr[explainer=toy/flat,seed=0,sparsity=0.5]",
      "attr[explainer=toy/gradient,seed=0,sparsity=0.5] [core/data-corrupt] The image val/3.jpg is not a readable JPEG. Replace or delete it.",
      "mass[explainer=toy/gradient,seed=0,sparsity=0.5] skipped because attr[explainer=toy/gradient,seed=0,sparsity=0.5]",
    ]
  `);
});

test('a report goes on without what failed, and is told; repaired, it is made again', async () => {
  const folder = temporaryFolder();
  const list = () => readFileSync(join(folder, 'list.txt'), 'utf8');
  const broken = smaller((s) => Object.assign(nodeOf(s, 'data'), { with: { corrupt: 'val/3.jpg' } }));
  const result = await runToy(folder, broken, { out: folder });
  expect(result).toMatchObject({ status: 'failed', missing: [] });
  const told = 'attr[explainer=toy/flat,seed=0,sparsity=0.5]: The image val/3.jpg is not a readable JPEG.';
  expect(list()).toContain(`no scores of mass[explainer=toy/flat,seed=0,sparsity=0.5]: ${told}`);
  expect(list()).toContain('nonzero[seed=0,sparsity=0.5] nonzero');
  const again = list();
  expect((await runToy(folder, broken, { out: folder })).status).toBe('failed');
  expect(list()).toBe(again);
  expect((await runToy(folder, smaller(), { out: folder })).status).toBe('ok');
  expect(list()).not.toContain('no scores of');
});

test('what a report cannot do without still skips it', async () => {
  const study = smaller((s) => Object.assign(nodeOf(s, 'data'), { with: { folder: 'photos' } }));
  expect(await failures(temporaryFolder(), study)).toContain('report skipped because data');
});

test('a full disk stops the run, and nothing half-written stays', async () => {
  const folder = temporaryFolder();
  let writes = 0;
  const fullDisk = {
    async write(path: string, bytes: Uint8Array) {
      const isFull = writes++ > 12;
      await quickDisk.write(path, isFull ? bytes.subarray(0, 1) : bytes);
      if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  };
  const all = await failures(folder, smaller(), fullDisk);
  expect(all.filter((line) => !line.includes('skipped'))).toMatchInlineSnapshot(`
    [
      "nonzero[seed=0,sparsity=0] [files/disk-full] The disk that holds <folder>/.espalier/store is full: N bytes were to be written, N bytes are free. Free some space, or put the store on another disk with --store, and run again: what is finished is kept.",
    ]
  `);
  expect(all.length).toBeGreaterThan(5); // the rest was not tried
  const left = readdirSync(join(folder, '.espalier/store'), { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile() && entry.name.startsWith('.'))).toEqual([]);
  expect((await runToy(folder, smaller())).status).toBe('ok');
});

test('a pruner that does not do what it says', async () => {
  const study = smaller((s) => Object.assign(nodeOf(s, 'prune').with as object, { dishonest: true }));
  expect((await failures(temporaryFolder(), study))[0]).toMatchInlineSnapshot(
    `"prune[seed=0,sparsity=0.5] [core/sparsity-mismatch] toy/first stands for a sparsity of 0.5; of the weights that it considers, 0.000000 are zero in the model as evaluated. Its masks must remove that fraction, together with what was removed before, and training must hold them."`,
  );
});

test('a pruner answers for the kernels that it considers, not for those an earlier one pruned', async () => {
  const study = smaller((s) => {
    const again = { ...nodeOf(s, 'prune'), in: { model: { $from: 'prune.model' }, data: { $from: 'data.train' } } };
    const { scan: _, ...plain } = again as Record<string, unknown>;
    const nodes = s.nodes as Record<string, unknown>;
    nodes.again = { ...plain, with: { sparsity: 0.2, kernel: 1 } };
  });
  const result = await runToy(temporaryFolder(), study);
  expect([...result.failures]).toEqual([]);
});

test('a report without the file asked for, by a reporter that does not say what it writes', async () => {
  const folder = temporaryFolder();
  const study = smaller((s) => Object.assign(s, { outputs: { 'list.txt': { $from: 'report.lst.txt' } } }));
  const silent = plugins.map(({ files: _, ...plugin }): unknown => plugin);
  const result = await runToy(folder, study, { packages: new Map([['toy-plugins', { apiVersion, plugins: silent }]]) });
  expect(result).toMatchObject({ status: 'failed', missing: ['list.txt'] });
  expect(readFileSync(`${result.folder}/events.ndjson`, 'utf8')).toContain(
    '\\"report\\" wrote no file \\"lst.txt\\". Did you mean \\"list.txt\\"?',
  );
});
