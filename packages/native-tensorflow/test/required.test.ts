import { expect, test } from 'vitest';
import { loadBinding } from '../src/binding.ts';

// Elsewhere a missing library skips the tests that need it; where it was installed on purpose, that must not pass unseen.
const required = process.env.ESPALIER_REQUIRE_NATIVE === '1';

test.skipIf(!required)(
  'native TensorFlow loads, because ESPALIER_REQUIRE_NATIVE says it must (skipped when unset)',
  () => {
    const found = loadBinding();
    expect('problem' in found ? found.problem : found.version).toMatch(/^2\.\d+\.\d+$/);
  },
);
