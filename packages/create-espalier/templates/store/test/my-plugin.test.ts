import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBucket } from '@espalier/store/testing';
import { afterAll, expect, test } from 'vitest';
import { openBucket } from '../src/my-plugin.ts';

const folder = mkdtempSync(join(tmpdir(), 'my-plugin-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Each law asks for a bucket of its own, empty; the same place is the same bucket.
describeBucket('my-plugin', (place) => openBucket(`my-plugin://${folder}/${place}`));

test('nothing is left beside the objects', async () => {
  const bucket = await openBucket(`my-plugin://${folder}/clean`);
  await bucket.put('a/b', Buffer.from('c'));
  await bucket.put('a/b', Buffer.from('d'), true);
  expect(readdirSync(join(folder, 'clean/incoming'))).toEqual([]);
});

test('a URL without a folder is refused', () => {
  expect(() => openBucket('my-plugin://elsewhere')).toThrow('Expected a store such as my-plugin:///mnt/shared');
});
