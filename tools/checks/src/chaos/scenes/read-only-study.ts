import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { espalier, start } from '../program.ts';
import { mustEnd } from '../stage.ts';
import { boundMs, type Scene } from './scene.ts';

/** A namespace of its own, in which a folder can only be read: also by root, whom permissions do not stop. */
const unshare = process.getuid?.() === 0 ? ['-m'] : ['-rm'];
const mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && shift && exec "$@"';

/** A study in a folder that can only be read, run with places elsewhere: the folder stays as it is. */
export const readOnlyStudy: Scene = {
  name: 'the study can only be read',
  missing: canMount() ? undefined : 'no read-only mounts here',
  async play(stage, study) {
    const elsewhere = `${study}-elsewhere`;
    mkdirSync(elsewhere);
    const [home, store, out] = ['home', 'store', 'out'].map((name) => join(elsewhere, name)) as [
      string,
      string,
      string,
    ];
    const flags = [...stage.flags, '--home', home, '--store', store, '--out', out];
    const command = [process.execPath, espalier, 'run', 'study.json', ...flags];
    const run = start(['unshare', ...unshare, 'sh', '-c', mount, 'sh', study, ...command], { folder: study });
    await mustEnd(run, boundMs(stage));
    const left = readdirSync(study).join();
    if (left !== 'study.json') throw new Error(`The folder that can only be read holds ${left}.`);
    const runs = join(home, 'runs');
    const [latest] = readdirSync(runs);
    return { store, out, runs, lock: join(runs, latest!, 'lock.json') };
  },
};

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-mount-'));
  const { status } = spawnSync('unshare', [...unshare, 'sh', '-c', mount, 'sh', folder, 'true']);
  rmSync(folder, { recursive: true });
  return status === 0;
}
