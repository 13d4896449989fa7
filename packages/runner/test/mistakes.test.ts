import { apiVersion, StudyError } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../store/test/temporary-folder.ts';
import { openStudy, type StudyRequest } from '../src/index.ts';
import { plugins } from './toy-plugins.ts';
import { nodeOf, toyPackages, toyStudy, writeStudy } from './toy-study.ts';

type Study = Record<string, unknown>;

/** The full text of the error that opening a study gives, its folder written as <folder>. */
async function errorOf(study: unknown, request: Partial<StudyRequest> = {}): Promise<string> {
  const folder = temporaryFolder();
  const file = writeStudy(folder, study);
  const error = await openStudy({ file, packages: toyPackages, ...request }).then(
    () => undefined,
    (reason) => reason,
  );
  if (!StudyError.is(error)) throw error ?? new Error('The study is valid.');
  return `[${error.code}] ${error.message}`.replaceAll(folder, '<folder>');
}

function changed(change: (study: Study) => void): Study {
  const study = toyStudy();
  change(study);
  return study;
}

describe('a newcomer who', () => {
  test('misspells a node', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'dense').in as object, { model: { $from: 'netwrok.model' } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:49:20  /nodes/dense/in/model/$from  There is no node "netwrok". Did you mean "network"?"
    `);
  });

  test('misspells a port', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'dense').in as object, { data: { $from: 'data.trian' } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:52:20  /nodes/dense/in/data/$from  "data" (toy/noise) has no output "trian". Did you mean "train"?"
    `);
  });

  test('misspells an option', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'dense').with as object, { learningrate: 0.1 }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[core/options-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:60:9  /nodes/dense/with/learningrate  There is no option "learningrate". Did you mean "learningRate"?"
    `);
  });

  test('misspells a plugin', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'prune'), { use: 'toy/frist' }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:63:14  /nodes/prune/use  The package "toy-plugins" has no plugin "frist". Did you mean "toy/first"?"
    `);
  });

  test('misspells an alias', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'mass'), { use: 'toys/mass' }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:117:14  /nodes/mass/use  There is no alias "toys" under "plugins". Did you mean "toy"?"
    `);
  });

  test('misspells a package', async () => {
    const study = changed((s) => Object.assign(s, { plugins: { toy: 'toy-plugins', vg: '@espalier/explainer-vgg' } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[runner/plugin-not-found] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:6:11  /plugins/vg  There is no package "@espalier/explainer-vgg". Install it:  npm install @espalier/explainer-vgg"
    `);
  });

  test('names a folder that is not there', async () => {
    const study = changed((s) => Object.assign(s, { plugins: { toy: 'toy-plugins', mine: './my-plugin' } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[runner/plugin-not-found] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:6:13  /plugins/mine  There is no package "./my-plugin". The path starts at the study's folder, <folder>; write it from there."
    `);
  });

  test('gives an option of the wrong type', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'dense').with as object, { batchSize: 'many' }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[core/options-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:59:22  /nodes/dense/with/batchSize  Expected a number (images per step); found "many"."
    `);
  });

  test('forgets an option', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'dense'), { with: { batchSize: 3 } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[core/options-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:55:15  /nodes/dense/with  The option "epochs" is missing: passes over the training images."
    `);
  });

  test('chooses something that does not exist', async () => {
    const study = changed((s) =>
      Object.assign(nodeOf(s, 'dense').with as object, { optimizer: { name: 'adam' }, crop: 'none' }),
    );
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[core/options-invalid] <folder>/study.json has 2 problems; nothing was run.
        <folder>/study.json:61:19  /nodes/dense/with/optimizer/name  Expected one of "sgd", "adamw", "ranger"; found "adam".
        <folder>/study.json:63:17  /nodes/dense/with/crop  Expected an object { } (random resized crop; null turns it off); found "none"."
    `);
  });

  test('gives a parameter a wrong value: the place is that of the value', async () => {
    const study = changed((s) => Object.assign(s.params as object, { epochs: 1.5 }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[core/options-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:17:15  /params/epochs  Expected a whole number (passes over the training images); found 1.5."
    `);
  });

  test('leaves out every node', async () => {
    const study = changed((s) => Object.assign(s, { nodes: {}, outputs: {} }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:28:12  /nodes  Expected at least one node; found none, so there is nothing to run. Add a node, for example the dataset."
    `);
  });

  test('gives an axis a wrong value: the place is that of the value', async () => {
    const study = changed((s) => Object.assign(s.params as object, { levels: [0.25, 1.5] }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[core/options-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:11:7  /params/levels/1  Expected less than 1 (fraction of the first kernel removed); found 1.5."
    `);
  });

  test('writes levels that descend', async () => {
    const study = changed((s) => Object.assign(s.params as object, { levels: [0.5, 0.25] }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[core/options-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:11:7  /params/levels/1  Expected a sparsity of at least 0.5, which the instance before on this scan has removed; found 0.25. Write the levels in ascending order."
    `);
    Object.assign(nodeOf(study, 'prune').with as object, { enforceMasks: false }); // then weights may come back
    const file = writeStudy(temporaryFolder(), study);
    await using opened = await openStudy({ file, packages: toyPackages });
    expect(opened.plan.instances.length).toBeGreaterThan(0);
  });

  test('gives a wrong value on the command line', async () => {
    expect(await errorOf(toyStudy(), { params: { epochs: -1, level: [0.5] } })).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has 2 problems; nothing was run.
        --param level=[0.5]  There is no parameter "level". Did you mean "levels"?
        --param epochs=-1  Expected at least 0 (passes over the training images); found -1."
    `);
  });

  test('connects an artifact of the wrong kind', async () => {
    const study = changed((s) =>
      Object.assign(nodeOf(s, 'mass').in as object, { attributions: { $from: 'prune.model' } }),
    );
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:120:20  /nodes/mass/in/attributions/$from  toy/mass takes attributions here; prune.model is a model."
    `);
  });

  test('forgets an input', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'dense'), { in: { model: { $from: 'network.model' } } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:47:13  /nodes/dense/in  core/train needs its input "data" connected to images: "in": { "data": { "$from": "<node>.<port>" } }."
    `);
  });

  test('makes a cycle', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'network').in as object, { data: { $from: 'prune.model' } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:49:20  /nodes/dense/in/model/$from  These nodes wait for each other: network -> dense -> prune -> network. Remove one of these edges."
    `);
  });

  test('asks for a profile that is not there', async () => {
    expect(await errorOf(toyStudy(), { profile: 'shrot' })).toMatchInlineSnapshot(`
      "[study/profile-unknown] <folder>/study.json has a problem; nothing was run.
        --profile shrot  There is no profile "shrot". Did you mean "short"?"
    `);
  });

  test('asks for a parameter that is not there', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'dense').with as object, { epochs: { $param: 'epoch' } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:57:21  /nodes/dense/with/epochs/$param  There is no parameter "epoch". Did you mean "epochs"?"
    `);
  });

  test('asks for an axis that is not there', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'prune').with as object, { sparsity: { $axis: 'sparsty' } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:84:20  /nodes/prune/with/sparsity/$axis  This node has no axis "sparsty". Did you mean "sparsity"?"
    `);
  });

  test('adds a combination with a plugin that does not exist', async () => {
    const study = changed((s) =>
      Object.assign(nodeOf(s, 'attr').matrix as object, { include: [{ explainer: 'toy/flatt' }] }),
    );
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:116:26  /nodes/attr/matrix/include/0/explainer  The package "toy-plugins" has no plugin "flatt". Did you mean "toy/flat"?"
    `);
  });

  test('names an axis that the inputs already have', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'attr').matrix as object, { seed: [1, 2] }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:114:17  /nodes/attr/matrix/seed  The axis "seed" cannot be made here: it comes with the inputs. Choose another name."
    `);
  });

  test('forgets to gather an axis, and gathers one that is not there', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'report'), { gather: ['sede', 'sparsity', 'explainer'] }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:159:9  /nodes/report/gather/0  No input has the axis "sede", so it cannot be gathered. Did you mean "seed"?"
    `);
  });

  test('takes instances at an axis and at a label that are not there', async () => {
    const study = changed((s) => {
      Object.assign(nodeOf(s, 'attr').in as object, { model: { $from: 'prune.model', at: { sparsty: 0.5 } } });
      Object.assign(s, { outputs: { weights: { $from: 'prune.model', at: { sparsity: [0.5, 0.55] } } } });
    });
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has 2 problems; nothing was run.
        <folder>/study.json:100:24  /nodes/attr/in/model/at/sparsty  "prune" has no axis "sparsty" to choose labels on. Did you mean "sparsity"?
        <folder>/study.json:174:11  /outputs/weights/at/sparsity/1  "prune" has no instance at sparsity=0.55. Did you mean "0.25"?"
    `);
  });

  test('asks for a baseline on an axis that is not there', async () => {
    const study = changed((s) => Object.assign(nodeOf(s, 'mass'), { baseline: { axis: 'sparsty', at: 0 } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:124:17  /nodes/mass/baseline/axis  No input has the axis "sparsty", so there is no baseline on it. Did you mean "sparsity"?"
    `);
  });

  test('asks for an impossible number of instances', async () => {
    const study = changed((s) =>
      Object.assign(s.params as object, { seeds: Array.from({ length: 300 }, (_, i) => i) }),
    );
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:360:14  /nodes/prune  "prune" expands to 900 instances, more than the study may still have (399). Shorten an axis or raise "maxInstances"."
    `);
  });

  test('writes an output outside the folder', async () => {
    const study = changed((s) => Object.assign(s, { outputs: { '../list.txt': { $from: 'report.list.txt' } } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:166:5  /outputs/..~1list.txt  "../list.txt" must be a relative path inside the output folder, with "/" between folders."
    `);
  });

  test('forgets a comma', async () => {
    expect(await errorOf('{\n  "apiVersion": "study/v1"\n  "name": "toy"\n}')).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json is not readable as JSON (comments are allowed).
        <folder>/study.json:3:3  Comma expected."
    `);
  });

  test('writes a key that means something to JavaScript', async () => {
    expect(await errorOf('{ "params": { "__proto__": { "polluted": true } } }')).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json is not readable as JSON (comments are allowed).
        <folder>/study.json:1:15  The key "__proto__" is not allowed."
    `);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('writes a number that is none', async () => {
    expect(await errorOf('{ "seed": 1e999 }')).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json is not readable as JSON (comments are allowed).
        <folder>/study.json:1:11  This number is larger than any that can be computed with."
    `);
  });

  test('misspells a file of a reporter', async () => {
    const study = changed((s) => Object.assign(s, { outputs: { 'list.txt': { $from: 'report.lst.txt' } } }));
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:167:16  /outputs/list.txt/$from  "report" (toy/list) writes no file "lst.txt". Did you mean "list.txt"?"
    `);
  });

  test('has many things wrong at once is told all of them', async () => {
    const study = changed((s) => {
      Object.assign(s, { apiVersion: 'study/v2', seeed: 3 });
      Object.assign(nodeOf(s, 'dense').with as object, { momentum: 0.9 });
      Object.assign(nodeOf(s, 'prune'), { scan: { axis: 'sparsity', over: 0.5, carry: { model: 'model' } } });
      Object.assign(nodeOf(s, 'mass'), { use: 'toy/mas' });
    });
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has 5 problems; nothing was run.
        <folder>/study.json:2:17  /apiVersion  Expected "study/v1" (version of this file format); found "study/v2".
        <folder>/study.json:60:9  /nodes/dense/with/momentum  There is no option "momentum". Known: epochs, batchSize, learningRate, weightDecay, decayAll, optimizer, schedule, labelSmoothing, crop, flip, keep.
        <folder>/study.json:75:17  /nodes/prune/scan/over  Expected the values of the axis in order: a list; found 0.5.
        <folder>/study.json:115:14  /nodes/mass/use  The package "toy-plugins" has no plugin "mas". Did you mean "toy/mass"?
        <folder>/study.json:168:3  /seeed  There is no "seeed" here. Did you mean "seed"?"
    `);
  });

  test('misshapes one node is told of it, and of its options and the other nodes', async () => {
    const study = changed((s) => {
      Object.assign(nodeOf(s, 'prune'), { scan: 3 });
      Object.assign(nodeOf(s, 'prune').with as object, { kernle: 1 });
      Object.assign(nodeOf(s, 'attr').in as object, { model: { $from: 'prune.modle' } });
      Object.assign(nodeOf(s, 'dense').with as object, {
        epochs: { $param: 'epoch' },
        flip: 3,
        crop: { $axis: 'seed' },
      });
    });
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has 5 problems; nothing was run.
        <folder>/study.json:57:21  /nodes/dense/with/epochs/$param  There is no parameter "epoch". Did you mean "epochs"?
        <folder>/study.json:60:17  /nodes/dense/with/flip  Expected true or false (mirror half of the images left to right); found 3.
        <folder>/study.json:76:15  /nodes/prune/scan  Expected an object { } (a chain: each instance starts from what the one before produced); found 3.
        <folder>/study.json:85:9  /nodes/prune/with/kernle  There is no option "kernle". Did you mean "kernel"?
        <folder>/study.json:94:20  /nodes/attr/in/model/$from  "prune" (toy/first) has no output "modle". Did you mean "model"?"
    `);
  });

  test('gives a parameter of another form than is wanted where it stands', async () => {
    const study = changed((s) => {
      Object.assign(s.params as object, { levels: 3, training: [1] });
      Object.assign(nodeOf(s, 'dense'), { with: { $param: 'training' } });
      Object.assign(nodeOf(s, 'mass'), { baseline: { axis: 'sparsity', at: { $param: 'seeds' } } });
    });
    expect(await errorOf(study)).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has 3 problems; nothing was run.
        <folder>/study.json:9:15  /params/levels  Expected a list [ ] (the values of the axis in order: a list); found 3.
        <folder>/study.json:10:14  /params/seeds  Expected a label: the one at which the inputs are also handed over; found [0,1].
        <folder>/study.json:15:17  /params/training  Expected an object { } (options of the plugin); found [1]."
    `);
    expect(await errorOf(toyStudy(), { params: { levels: { use: 'toy/flat' } } })).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has a problem; nothing was run.
        --param levels={"use":"toy/flat"}  Expected a list [ ] (the values of the axis in order: a list); found {"use":"toy/flat"}."
    `);
  });

  test('misspells a part of the study, and a node that is misshapen is none that is not there', async () => {
    const study = changed((s) => {
      Object.assign(s, { profile: 3, profiles: { short: 3 }, outputs: { a: 'report.list.txt' }, maxInstances: 0 });
      Object.assign(s.nodes as object, { data: [] });
    });
    expect(await errorOf(study, { profile: 'short' })).toMatchInlineSnapshot(`
      "[study/invalid] <folder>/study.json has 5 problems; nothing was run.
        <folder>/study.json:20:14  /profiles/short  Expected an object { }; found 3.
        <folder>/study.json:23:13  /nodes/data  Expected an object { } (a step of the study); found [].
        <folder>/study.json:158:10  /outputs/a  Expected an object { } (an edge: { "$from": "report.report.html" }); found "report.list.txt".
        <folder>/study.json:160:3  /profile  There is no "profile" here. Did you mean "profiles"?
        <folder>/study.json:161:19  /maxInstances  Expected at least 1 (most instances that the study may expand to; 1000 by default); found 0."
    `);
  });

  test('gives no study', async () => {
    const folder = temporaryFolder();
    const error = await openStudy({ file: `${folder}/none.json` }).catch((reason) => reason);
    expect(`[${error.code}] ${error.message}`.replaceAll(folder, '<folder>')).toMatchInlineSnapshot(
      `"[study/unreadable] There is no file <folder>/none.json. Give the path of a study file."`,
    );
    const folderError = await openStudy({ file: folder }).catch((reason) => reason);
    expect(`[${folderError.code}] ${folderError.message}`.replaceAll(folder, '<folder>')).toBe(
      '[study/unreadable] <folder> is a folder. Give the path of a study file, for example <folder>/study.json.',
    );
  });
});

describe('a package', () => {
  const study = changed((s) => Object.assign(s, { plugins: { toy: 'toy-plugins', bad: 'bad' } }));
  const withExport = (exports: unknown) => errorOf(study, { packages: new Map([...toyPackages, ['bad', exports]]) });

  test('without the right export', async () => {
    expect(await withExport({ default: {}, explain: () => {} })).toMatchInlineSnapshot(`
      "[core/plugin-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:6:12  /plugins/bad  The package "bad" is not a plugin package: it has no export "plugins" (it exports default, explain). A plugin package exports \`apiVersion\`, 'plugin/v1', and \`plugins\`, a list of \`definePlugin({ kind: 'explainer', name: 'mine', title: 'My Method', cacheVersion: '1', source: { title, url, departures: [] }, options: z.strictObject({}), create: (options, services) => ... })\`."
    `);
  });

  test('with something else in it', async () => {
    expect(
      await withExport({ apiVersion, plugins: [{ kind: 'explainer', name: 'mine', title: 'Mine' }] }),
    ).toMatchInlineSnapshot(`
      "[core/plugin-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:6:12  /plugins/bad  The package "bad" is not a plugin package: entry 0 of its "plugins" ("mine") has no "cacheVersion" text: nothing. A plugin package exports \`apiVersion\`, 'plugin/v1', and \`plugins\`, a list of \`definePlugin({ kind: 'explainer', name: 'mine', title: 'My Method', cacheVersion: '1', source: { title, url, departures: [] }, options: z.strictObject({}), create: (options, services) => ... })\`."
    `);
  });

  test('whose explainer has no name for people', async () => {
    const found = await withExport({ apiVersion, plugins: [{ kind: 'explainer', name: 'mine' }] });
    expect(found).toContain('("mine") has no "title", the method as people call it: nothing.');
  });

  test('of an unknown kind', async () => {
    expect(await withExport({ apiVersion, plugins: [{ kind: 'explainor', name: 'mine' }] })).toMatchInlineSnapshot(`
      "[core/plugin-invalid] <folder>/study.json has a problem; nothing was run.
        <folder>/study.json:6:12  /plugins/bad  The package "bad" is not a plugin package: entry 0 of its "plugins" ("mine") has the kind "explainor"; known: dataset, model, pruner, explainer, concepts, metric, reporter. A plugin package exports \`apiVersion\`, 'plugin/v1', and \`plugins\`, a list of \`definePlugin({ kind: 'explainer', name: 'mine', title: 'My Method', cacheVersion: '1', source: { title, url, departures: [] }, options: z.strictObject({}), create: (options, services) => ... })\`."
    `);
  });
});

test('a method whose model or layer lacks what it needs is refused by the plan, at the option or the node', async () => {
  const layers = [{ name: 'features', isStage: true, isComplete: false }];
  const needs = () => ({
    abilities: ['compacted', 'parameterGradient'],
    layers: [{ path: ['steps'], name: null, demand: 'complete' }],
  });
  const changes: Readonly<Record<string, object>> = {
    tiny: { modelOutline: () => ({ layers, kernels: ['fc.weight'], abilities: ['compacted'] }) },
    gradient: { needs },
  };
  const lacking = { apiVersion, plugins: plugins.map((plugin) => ({ ...plugin, ...changes[plugin.name] })) };
  const found = await errorOf(toyStudy(), { packages: new Map([['toy-plugins', lacking]]) });
  expect(found).toContain(
    'toy/gradient needs "parameterGradient" of its model, which this one does not have. Use another model, or another method.',
  );
  expect(found).toMatch(/\/steps {2}The rest of the network reads more than the layer "features"/);
  expect(found).not.toContain('"compacted"');
});

test('a metric is refused by the plan where the banks on its inputs are not what it needs', async () => {
  const study = (banks: object, needsBanks: object) => {
    const changes: Readonly<Record<string, object>> = { one: { banks }, banks: { needsBanks } };
    const list = plugins.map((plugin) => ({ ...plugin, ...changes[plugin.name] }));
    const text = changed((s) =>
      Object.assign(s.nodes as object, {
        found: { use: 'toy/one', in: { model: { $from: 'dense.model' }, images: { $from: 'data.eval' } } },
        counted: { use: 'toy/banks', in: { concepts: { $from: 'found.concepts' } } },
      }),
    );
    return errorOf(text, { packages: new Map([['toy-plugins', { apiVersion, plugins: list }]]) });
  };
  expect(await study({ codes: 'signed', rebuilds: false }, { rebuilds: true })).toContain(
    '/nodes/counted/with  toy/banks needs concepts that rebuild the activations; those on the input "concepts" are directions that each stand ' +
      'by themselves. Connect another extractor, or use another metric.',
  );
  await expect(study({ codes: 'signed' }, { rebuilds: true })).rejects.toThrow('The study is valid.');
  await expect(study({ rebuilds: false }, {})).rejects.toThrow('The study is valid.');
});

test('an extractor that needs examples is refused by the plan where they are not connected', async () => {
  const study = (port: object) => {
    const examples = { needsData: true, create: () => ({ extract: async () => ({}) }) };
    const list = plugins.map((plugin) => (plugin.name === 'one' ? { ...plugin, ...examples } : plugin));
    const text = changed((s) =>
      Object.assign(s.nodes as object, {
        found: { use: 'toy/one', in: { model: { $from: 'dense.model' }, images: { $from: 'data.eval' }, ...port } },
      }),
    );
    return errorOf(text, { packages: new Map([['toy-plugins', { apiVersion, plugins: list }]]) });
  };
  const counterparts = { $from: 'data.eval' };
  expect(await study({ counterparts })).toContain(
    '/nodes/found/in  toy/one needs its input "examples" connected to images: "in": { "examples": { "$from": "<node>.<port>" } }.',
  );
  expect(await study({ examples: { $from: 'data.train' } })).toContain('toy/one needs its input "counterparts"');
  await expect(study({ examples: { $from: 'data.train' }, counterparts })).rejects.toThrow('The study is valid.');
});

test('a pruner that needs images is refused by the plan where none are connected, and only there', async () => {
  const study = (port: object) =>
    changed((s) =>
      Object.assign(nodeOf(s, 'prune'), {
        in: { model: { $from: 'dense.model' }, ...port },
        with: { sparsity: { $axis: 'sparsity' } },
      }),
    );
  const needsData = (name: string) =>
    new Map([
      [
        'toy-plugins',
        { apiVersion, plugins: plugins.map((one) => (one.name === name ? { ...one, needsData: true } : one)) },
      ],
    ]);
  expect(await errorOf(study({}), { packages: needsData('first') })).toContain(
    '/nodes/prune/in  toy/first needs its input "data" connected to images: "in": { "data": { "$from": "<node>.<port>" } }.',
  );
  await expect(errorOf(study({ data: { $from: 'data.train' } }), { packages: needsData('first') })).rejects.toThrow(
    'The study is valid.',
  );
  await expect(errorOf(study({}))).rejects.toThrow('The study is valid.');
});
