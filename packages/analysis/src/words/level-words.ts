import type { Claim } from '../claims/claims.ts';
import { listed, percent } from '../text/numbers.ts';

/** `70 %`; where models are not as sparse as their label, what was counted: `0.02 % (labelled 70 %)`. */
export function levelText(claim: Claim): string {
  const { level, pairs } = claim.question;
  if (isAsLabelled(claim)) return percent(level);
  const counts = pairs.flatMap(({ treated }) => treated.considered ?? []);
  const [least, most] = [Math.min(...counts), Math.max(...counts)].map((count) => percent(count));
  return `${least === most ? least : `${least} to ${most}`} (labelled ${percent(level)})`;
}

/** `70 %`, or `trend to 70 %`. */
export function placeText(claim: Claim): string {
  return claim.place.kind === 'trend' ? `trend to ${levelText(claim)}` : levelText(claim);
}

/** Whether the models asked about are as sparse as their level says. */
function isAsLabelled({ question }: Claim): boolean {
  return question.pairs.every(({ treated }) => treated.labelHolds);
}

/** `at 30 % and 70 %`, or `at every level` where all of several are, and are what they are labelled. */
export function levelsOf(found: readonly Claim[], all: readonly Claim[]): string {
  if (found.length === all.length && all.length > 1 && found.every(isAsLabelled)) return 'at every level';
  return `at ${listed(found.map(levelText))}`;
}

/** What to know before any sentence of models that are not what their labels say; null where all are. */
export function cautionOf(claims: readonly Claim[]): string | null {
  const wrong = claims.filter((claim) => !isAsLabelled(claim));
  if (wrong.length === 0) return null;
  const levels = [...new Map(wrong.map((claim) => [claim.question.level, levelText(claim)])).values()];
  return `Some models are not as sparse as labelled. The sentences give what was counted: ${listed(levels)}.`;
}
