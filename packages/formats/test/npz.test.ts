import { readFileSync } from 'node:fs';
import { readNpy, readNpz } from '@espalier/formats';
import { describe, expect, test } from 'vitest';

interface NumpyFiles {
  readonly archives: Readonly<Record<'stored' | 'deflated' | 'empty', string>>;
  readonly arrays: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly refused: Readonly<Record<string, string>>;
}

/** tools/reference/numpy-files.py: NumPy 2.4.6. */
const numpy: NumpyFiles = JSON.parse(readFileSync(new URL('fixtures/numpy.json', import.meta.url), 'utf8'));
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

describe('archives of NumPy', () => {
  test.each(['stored', 'deflated'] as const)('%s: every array by its name', (kind) => {
    const found = readNpz(bytesOf(numpy.archives[kind]));
    expect([...found.keys()]).toEqual(Object.keys(numpy.arrays));
    for (const [name, rows] of Object.entries(numpy.arrays))
      expect(found.get(name)).toMatchObject({
        shape: [rows.length, rows[0]!.length],
        data: Float32Array.from(rows.flat()),
      });
  });

  test('an empty one holds nothing', () => {
    expect(readNpz(bytesOf(numpy.archives.empty)).size).toBe(0);
  });

  test.each(['stored', 'deflated'] as const)(
    '%s: whatever byte is cut or changed, it is refused or reads the same',
    (kind) => {
      const whole = bytesOf(numpy.archives[kind]);
      const before = [...readNpz(whole)].map(([name, { data }]) => [name, ...data]);
      const outcomeOf = (file: Uint8Array): unknown => {
        try {
          return [...readNpz(file, 'maps.npz')].map(([name, { data }]) => [name, ...data]);
        } catch (error) {
          return (error as { code?: unknown }).code;
        }
      };
      for (let end = 0; end < whole.length; end++)
        expect(outcomeOf(whole.subarray(0, end)), `cut at ${end}`).toBe('files/invalid');
      for (let at = 0; at < whole.length; at++) {
        const changed = whole.slice();
        changed[at]! ^= 0x24;
        const outcome = outcomeOf(changed);
        // Names, dates and the like have no checksum; values do.
        if (outcome !== 'files/invalid')
          expect((outcome as unknown[][]).map(([, ...values]) => values)).toEqual(
            before.map(([, ...values]) => values),
          );
      }
    },
  );

  test('the error says which file, and what to do', () => {
    expect(() => readNpz(new Uint8Array(40), 'maps.npz')).toThrowErrorMatchingInlineSnapshot(
      `[StudyError: maps.npz is not a readable NumPy archive: it must end as a zip archive does. Save it again with numpy.savez.]`,
    );
    const damaged = bytesOf(numpy.archives.stored);
    damaged[damaged.indexOf(0x93) + 140]! ^= 1;
    expect(() => readNpz(damaged, 'maps.npz')).toThrowErrorMatchingInlineSnapshot(
      `[StudyError: "n01/a b" of maps.npz is not a readable NumPy archive: its checksum is wrong. Save it again with numpy.savez.]`,
    );
  });
});

test.each(Object.entries(numpy.refused))('an array that is %s is refused', (_, text) => {
  expect(() => readNpy(bytesOf(text), 'map.npy')).toThrow(/^map\.npy is not a readable NumPy file: .*Save it again/);
});
