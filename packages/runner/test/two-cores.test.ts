import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { espalier, outsideProject } from './outside-project.ts';

const require = createRequire(import.meta.url);

/** A project whose explainer is of a package with a core and a zod of its own, as npm installs them where versions do not fit together. */
function withSecondCore(apiVersion = 'plugin/v1'): { readonly folder: string; readonly study: string } {
  const folder = outsideProject();
  const second = join(folder, 'node_modules/second');
  const copy = (name: string, from: string) =>
    cpSync(from, join(second, 'node_modules', name), {
      recursive: true,
      filter: (path) => !/zod\/(src|v3|mini|v4-mini)|\.d\.c?ts$/.test(path),
    });
  for (const name of ['zod', 'fastest-levenshtein']) copy(name, dirname(require.resolve(`${name}/package.json`)));
  copy('@espalier/core/dist', join(import.meta.dirname, '../../core/dist'));
  write(join(second, 'node_modules/@espalier/core/package.json'), {
    ...{ name: '@espalier/core', version: '0.1.7', type: 'module', exports: './dist/index.js' },
  });
  write(join(second, 'package.json'), { name: 'second', version: '1.0.0', type: 'module', exports: './index.js' });
  writeFileSync(
    join(second, 'index.js'),
    `import { definePlugin, StudyError } from '@espalier/core';
    import * as z from 'zod';
    export { StudyError, z };
    export const apiVersion = '${apiVersion}';
    export const plugins = [
      definePlugin({
        ...{ kind: 'explainer', name: 'gradient', title: 'Gradient of another core', cacheVersion: '1', usesSeed: false },
        source: { title: 'none', url: 'https://example.org', departures: [] },
        options: z.strictObject({
          scale: z.number().positive().default(1).describe('factor on every value'),
          fails: z.boolean().default(false).describe('whether it fails'),
        }),
        check: ({ fails, scale }) => (fails && scale === 3 ? [{ path: ['scale'], text: 'Three is no scale.' }] : []),
        create: ({ fails }) => ({
          reduction: 'sum',
          async explain(model, images, classIndex) {
            if (fails) throw new StudyError('second/failed', 'The other core says so.');
            return { values: await model.inputGradient(images, classIndex), diagnostics: {} };
          },
        }),
      }),
    ];`,
  );
  const study = join(folder, 'study.json');
  const text = readFileSync(study, 'utf8');
  writeFileSync(study, text.replace('explainer-outside', 'second').replace('gxi/gradient-times-input', 'gxi/gradient'));
  return { folder, study };
}

function write(path: string, value: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(value));
}

test('a plugin with a core and a zod of its own runs, and what it throws, refuses and describes is told as ever', async () => {
  const { folder, study } = withSecondCore();
  const second = await import(join(folder, 'node_modules/second/index.js'));
  const [core, zod] = await Promise.all([import('@espalier/core'), import('zod')]);
  expect(second.StudyError, 'another core').not.toBe(core.StudyError);
  expect(second.z.ZodObject, 'another zod').not.toBe(zod.ZodObject);
  expect(core.StudyError.is(new second.StudyError('a/b', 'c')), 'whether its errors are known').toBe(true);

  const ran = await espalier(folder, 'run', study);
  expect(ran.code, ran.out + ran.err).toBe(0);
  const schema = readFileSync(join(folder, '.espalier/study.schema.json'), 'utf8');
  expect(schema).toContain('factor on every value');

  const told = async (options: string): Promise<string> => {
    const text = readFileSync(study, 'utf8');
    const file = join(folder, 'other.json');
    writeFileSync(file, text.replace('"scale": 2', options));
    const { code, out, err } = await espalier(folder, 'run', file);
    expect(code).not.toBe(0);
    return out + err;
  };
  expect(await told('"fails": true')).toMatch(/\[second\/failed\]:? The other core says so\./);
  expect(await told('"scael": 2')).toContain('Did you mean "scale"?');
  expect(await told('"scale": -2')).toMatch(/\/nodes\/maps\/with\/scale .*0/);
  expect(await told('"scale": 3, "fails": true')).toContain('Three is no scale.');
});

test('a plugin of a contract that this Espalier does not have is refused before anything runs', async () => {
  const { folder, study } = withSecondCore('plugin/v2');
  const { code, err } = await espalier(folder, 'run', study);
  expect(code).not.toBe(0);
  expect(err).toContain(
    'The package "second" was written for the contract "plugin/v2"; this Espalier has "plugin/v1". Install the version of the package that is for this Espalier, or an Espalier that is for this package.',
  );
});
