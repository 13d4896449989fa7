import { type IncludedStudy, includeRecipes, parseStudyText, readStudy } from '@espalier/study';
import { recipeLoader } from '../src/opening/recipe-files.ts';

/** A study in `folder` with its recipes, as it is before plugins are loaded. */
export function includedStudy(value: unknown, folder = '.'): Promise<IncludedStudy> {
  const text = parseStudyText(JSON.stringify(value), 'study.json');
  return includeRecipes(text, readStudy(text.value), folder, recipeLoader);
}
