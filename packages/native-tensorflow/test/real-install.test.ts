import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Host, thisHost } from '../src/host.ts';
import { installNative } from '../src/install/install.ts';
import { addonSources, packageSources } from '../src/install/node-package.ts';
import { bindingPath, cacheFolder } from '../src/native-key.ts';
import { verifyBinding } from '../src/verification.ts';
import { temporaryFolder } from './host.ts';

// Downloads 270 MB from PyPI and compiles for half a minute, so only where it is asked for: CI does, once per change.
const asked = process.env.ESPALIER_TEST_NATIVE_INSTALL === '1';

/** This machine with an empty home and an empty project outside the repository. */
function emptyHome(): Host {
  const home = temporaryFolder();
  const folder = join(home, 'project');
  mkdirSync(folder);
  return { ...thisHost(), env: { ...process.env, HOME: home, XDG_CACHE_HOME: '' }, folder };
}

test.skipIf(!asked)(
  'TensorFlow from PyPI is installed in an empty home, computes, and stays',
  { timeout: 900_000 },
  async () => {
    const host = emptyHome();
    const log = (line: string) => process.stdout.write(`${line}\n`);
    const options = { gpu: false, force: false, log };
    const installed = await installNative(options, host);
    expect(installed.changed).toBe(true);
    expect(installed.path.startsWith(cacheFolder(host.env))).toBe(true);
    expect(verifyBinding(bindingPath(installed.path))).toMatchObject({ version: installed.version });
    expect(await installNative(options, host)).toEqual({ ...installed, changed: false });
    const load = `require(${JSON.stringify(bindingPath(installed.path))}).TF_Version`;
    expect(execFileSync(process.execPath, ['-p', load], { encoding: 'utf8' }).trim()).toBe(installed.version);
  },
);

test.skipIf(!asked)('sources that are not installed come from the registry', { timeout: 120_000 }, async () => {
  const host = emptyHome();
  // Another release than the one that this repository has installed.
  const { folder } = await packageSources({ ...addonSources, version: '4.21.0' }, host, host.folder);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining([...addonSources.files]));
});
