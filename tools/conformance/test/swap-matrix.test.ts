import { test } from 'vitest';
import { expectNoFaults, networkNames, takenOn } from './swapping/swaps.ts';

// `npm run test:swaps`; what the plan refuses is in swap-plan.test.ts.
test.each(networkNames)(
  '%s: every pruner x every explainer that the plan takes runs, without faults in masks and maps',
  (name) => expectNoFaults(takenOn(name)),
  600_000,
);
