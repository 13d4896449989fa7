import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imagenette } from '../src/imagenette.ts';

test('a data folder that is not there is found by the plan', () => {
  const findings = (folder: string | null) =>
    imagenette.check?.(imagenette.options.parse({ folder }), { folder: tmpdir() }) ?? [];
  expect(findings('no-such-folder-of-images')).toEqual([
    {
      path: ['folder'],
      text: `There is no folder ${join(tmpdir(), 'no-such-folder-of-images')}. Expected an ImageNette folder with train/ and val/; a relative path starts at the study's folder.`,
    },
  ]);
  expect(findings('.')).toEqual([{ path: ['folder'], text: expect.stringMatching(/has no folder "train"/) }]);
  expect(findings(null)).toEqual([
    { path: ['folder'], text: expect.stringMatching(/"folder" and "archive"; found neither/) },
  ]);
  expect(imagenette.check?.(imagenette.options.parse({ archive: '160' }), { folder: tmpdir() })).toEqual([]);
});
