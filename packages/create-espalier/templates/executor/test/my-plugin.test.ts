import { describeExecutor } from '@espalier/runner/testing';
import { expect, test, vi } from 'vitest';
import { createExecutor, makePolite } from '../src/my-plugin.ts';

// One that runs tasks on other machines gives the laws its `serve` and `url`, too.
describeExecutor('my-plugin', { create: createExecutor });

test('worked by hand: another process goes last, and this one stays as it is', () => {
  const set = vi.fn();
  makePolite(process.pid, set);
  expect(set).not.toHaveBeenCalled();
  makePolite(1234, set);
  expect(set).toHaveBeenCalledWith(1234, 10);
});

test('a process that has ended is no mistake', () => {
  expect(() => makePolite(2 ** 30)).not.toThrow();
});
