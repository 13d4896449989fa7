import { studySecrets } from '../file/study-secrets.ts';
import type { Problem } from '../text/problems.ts';
import type { IncludedStudy } from './included-study.ts';

/**
 * The secrets in a study, its recipes or its parameters, each a problem that does not show it: URLs with a password, values that
 * this process knows as secrets, and options or parameters that are secrets by name.
 *
 * @param params values of the command line
 */
export function includedSecrets(
  { texts, includes }: Pick<IncludedStudy, 'texts' | 'includes'>,
  params: Readonly<Record<string, unknown>> = {},
): readonly Problem[] {
  const inRecipes = includes.flatMap(({ name, value }) =>
    studySecrets(value).map((problem) => ({ ...problem, place: { ...problem.place, include: name } })),
  );
  return [...studySecrets(texts.study.value, params), ...inRecipes];
}
