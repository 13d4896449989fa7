import { atKey, inText } from '../text/placed.ts';
import { type Problem, suggestion } from '../text/problems.ts';
import { checkWhole, givenEdges, isInput, outputEdges, resolveEdge } from './resolve-edge.ts';
import { type Scope, withParams } from './scope.ts';

type Report = (problem: Problem) => void;

/** Reports what is wrong with the connections of an include: inputs that its recipe does not have, or that are missing. */
export function checkInclude({ include: name, given }: Scope, report: Report): void {
  if (!given) return;
  const { include, outer, found } = given;
  const inputs = new Map(Object.entries(found.recipe.parts.inputs ?? {}));
  const refuse = (text: string, place: Problem['place']): void => report({ code: 'study/invalid', place, text });
  for (const input of Object.keys(include.value.in ?? {})) {
    const edges = givenEdges(include, input);
    const declared = inputs.get(input);
    for (const edge of edges) (declared?.kind === 'outputs' ? checkWhole : resolveEdge)(edge, outer, report);
    if (!declared && !found.recipe.isLeftOut('inputs', input))
      refuse(
        `The recipe of "${name}" has no input "${input}".${suggestion(input, inputs.keys())}`,
        atKey(include.placeOf(['in', input])),
      );
    if (declared && !declared.many && edges.length > 1)
      refuse(`The input "${input}" of the recipe takes one edge, not a list.`, include.placeOf(['in', input]));
  }
  for (const [input, { optional, description }] of inputs) {
    if (optional || Object.hasOwn(include.value.in ?? {}, input)) continue;
    const how = `Connect it: "in": { "${input}": { "$from": "<node>.<port>" } }.`;
    refuse(`The recipe of "${name}" needs its input "${input}": ${description}. ${how}`, include.placeOf(['in']));
  }
}

/** Reports what is wrong with the outputs of a recipe. */
export function checkOutputs(scope: Scope, report: Report): void {
  if (!scope.given) return;
  for (const [name, value] of Object.entries(scope.file.parts.outputs ?? {})) {
    const placeOf = inText(scope.include, 'outputs', name);
    withParams({ value, placeOf }, scope, report);
    for (const edge of outputEdges(name, scope) ?? []) {
      if (!isInput(edge)) {
        resolveEdge(edge, scope, report);
        continue;
      }
      const text = "An output is a port of one of the recipe's nodes; what comes in by an input is known outside.";
      report({ code: 'study/invalid', place: edge.placeOf(['$from']), text });
    }
  }
}
