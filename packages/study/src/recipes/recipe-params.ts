import { type StudyValues, unknownParam } from '../file/study-values.ts';
import { type Placed, substitute } from '../text/placed.ts';
import type { Problem } from '../text/problems.ts';
import { typeProblem } from './param-types.ts';
import type { GivenParam } from './recipe-values.ts';

/**
 * The values of the recipes' parameters once those of the study are put in, by name: `protocol.levels`. Reports those of another
 * type than the recipe says.
 */
export function recipeParams(
  given: readonly GivenParam[],
  { params }: StudyValues,
  report: (problem: Problem) => void,
): ReadonlyMap<string, Placed> {
  return new Map(
    given.flatMap(({ name, param, placed }) => {
      const { holes, ...put } = substitute(placed, '$param', (other, place) => {
        const found = params.get(other);
        if (!found) report({ code: 'study/invalid', place, text: unknownParam(other, params) });
        return found;
      });
      if (holes.length > 0) return [];
      const problem = typeProblem({ name, param, placed: put });
      if (problem) report(problem);
      return [[name, put] as const];
    }),
  );
}
