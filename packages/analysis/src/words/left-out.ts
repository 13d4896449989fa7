import type { LeftOut, Split } from '@espalier/core';
import { count } from '../text/numbers.ts';

const mostNamed = 10;

/** A sentence on the images that the dataset left out, since its options allow that; null where it left out none. */
export function leftOutText({ leftOut = [] }: Pick<Split, 'leftOut'>): string | null {
  if (leftOut.length === 0) return null;
  const named = leftOut.slice(0, mostNamed).map(({ id, reason }: LeftOut) => `${id} (${reason})`);
  const rest = leftOut.length > mostNamed ? `, and ${leftOut.length - mostNamed} more` : '';
  const were = leftOut.length === 1 ? 'was' : 'were';
  return `${count(leftOut.length, 'damaged image')} of the dataset ${were} left out of training and evaluation: ${named.join(', ')}${rest}.`;
}
