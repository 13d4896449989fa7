import type { Plugin } from '../plugin.ts';
import type { OptionFinding } from './plan-knowledge.ts';

/**
 * Options of an explainer over another that have no meaning there, although the study sets them.
 *
 * @param options parsed
 * @param use the explainer as the study names it
 */
export function otherExplainerFindings(
  { asksExplainer = [], options: { shape } }: Pick<Plugin, 'asksExplainer' | 'options'>,
  options: unknown,
  use: string,
): readonly OptionFinding[] {
  const asked = options as Readonly<Record<string, unknown>>; // an object schema parsed it
  return asksExplainer.flatMap((name) => {
    if (asked[name] === shape[name]?.safeParse(undefined).data) return [];
    return [
      {
        path: [name],
        text: `"${name}" is about what ${use} asks by itself; here it asks the explainer on its input "explainer". Leave it out.`,
      },
    ];
  });
}
