/** What computes the same in each of its turns. */
type Work = () => Promise<unknown>;

/**
 * Milliseconds of each of `works` in each round. They take turns, first the one and then the other one first, so that what else the machine
 * does, and how warm it is, meets all of them alike. Each runs once before, unmeasured, and so has loaded what it needs.
 *
 * @param now a clock in milliseconds
 * @returns one list per round, in the order of `works`
 */
export async function timedInTurns(
  works: readonly Work[],
  rounds: number,
  now: () => number = () => performance.now(),
): Promise<readonly (readonly number[])[]> {
  for (const work of works) await work();
  const times: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const own = works.map(() => 0);
    const order = round % 2 === 0 ? works : works.toReversed();
    for (const work of order) {
      const start = now();
      await work();
      own[works.indexOf(work)] = now() - start;
    }
    times.push(own);
  }
  return times;
}
