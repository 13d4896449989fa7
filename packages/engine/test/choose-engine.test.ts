import { StudyError } from '@espalier/core';
import { expect, test, vi } from 'vitest';
import { chooseEngine, openEngine } from '../src/choose-engine.ts';

// A folder without a library stands for a machine without one.
vi.stubEnv('ESPALIER_NATIVE', import.meta.dirname);

test('TensorFlow demanded and absent is an error that says what to do', async () => {
  const error: unknown = await openEngine({ engine: 'tensorflow' }).catch((reason: unknown) => reason);
  expect(StudyError.is(error) && error.code).toBe('engine/unavailable');
  expect(String(error)).toMatch(
    /^StudyError: The study asks for the engine "tensorflow", which cannot be used: ESPALIER_NATIVE names .*; unset it to use other installs, or ask for the engine "auto" or "wasm"\.$/,
  );
});

test('auto takes wasm then, and every call shares one engine', async () => {
  const ops = await openEngine({ engine: 'auto' });
  expect(ops.engine).toBe('wasm');
  const { engine, version, hasFastBfloat16, open } = await chooseEngine({ engine: 'auto' });
  expect({ engine, version, hasFastBfloat16 }).toEqual({
    engine: 'wasm',
    version: ops.version,
    hasFastBfloat16: false,
  });
  expect(await open()).toBe(ops);
  expect(await openEngine({ engine: 'wasm' })).toBe(ops);
});
