import { describeExecutor } from '@espalier/runner/testing';
import { expect, test, vi } from 'vitest';
import { createExecutor, untilQuiet } from '../src/my-plugin.ts';

vi.mock('node:os', async (original) => ({ ...(await original<object>()), loadavg: () => [0, 0, 0] }));

describeExecutor('my-plugin', { create: createExecutor });

test('worked by hand: it waits while the load is above the bound, and no longer', async () => {
  const loads = [5, 4.5, 4, 9];
  await untilQuiet({ load: () => loads.shift()!, most: 4, everyMs: 1, signal: new AbortController().signal });
  expect(loads).toEqual([9]);
});

test('who is asked to stop while waiting stops at once', async () => {
  const stop = new AbortController();
  const waiting = untilQuiet({ load: () => 9, most: 4, everyMs: 60_000, signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
