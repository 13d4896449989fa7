import { expect, test } from 'vitest';
import { versionText } from '../src/words/versions.ts';

const study = { name: 'toy', digest: '0123456789abcdef'.repeat(4), profile: null, text: '{}' };

test('an answer says which version of the study it is of, and how many were seen before', () => {
  expect(versionText({ study, reportedBefore: 0 })).toBe(
    'Study 0123456789ab: no other version of it was reported here before.',
  );
  expect(versionText({ study: { ...study, profile: 'cpu' }, reportedBefore: 1 })).toMatch(
    /^Study 0123456789ab, profile “cpu”: 1 other version of it \(.*\) was reported here before\. What they showed/,
  );
  expect(versionText({ study, reportedBefore: 12 })).toContain('12 other versions of it');
});
