import { StudyError } from '@espalier/core';
import { secretRemover } from '@espalier/secrets';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Path, Position, StudyText } from './located-text.ts';
import { more, mostProblems, shown } from './problems.ts';
import { beyondBounds } from './text-bounds.ts';

const forbiddenKeys = ['__proto__', 'constructor', 'prototype'];
/** Most bytes of a study or lock file. */
export const largestText = 10_000_000;

/**
 * Reads JSON with comments and trailing commas.
 *
 * @throws StudyError `study/invalid`, listing syntax errors, repeated keys and forbidden keys with their places.
 */
export function parseStudyText(source: string, fileName: string): StudyText {
  const text = source.replace(/^\uFEFF/, ''); // some editors write a byte order mark
  if (text.length > largestText) {
    throw new StudyError(
      'study/invalid',
      `${fileName} has ${text.length} characters; a study file may have ${largestText}. Keep data in files of its own.`,
    );
  }
  const positionAt = lineIndex(text);
  const { tree, value, problems } = parsed(text);
  if (!tree || problems.length > 0) {
    const lines = problems.slice(0, mostProblems).map(({ offset, text: problem }) => {
      const { line, column } = positionAt(offset);
      return `  ${fileName}:${line}:${column}  ${problem}`;
    });
    throw new StudyError(
      'study/invalid',
      `${fileName} is not readable as JSON (comments are allowed).\n${lines.join('\n') || '  The file is empty.'}${more(problems.length)}`,
    );
  }
  return {
    fileName,
    text,
    value,
    locate: (path) => positionAt(nearestNode(tree, path).offset),
    locateKey: (path) => {
      const node = nearestNode(tree, path);
      return positionAt(node.parent?.type === 'property' ? node.parent.offset : node.offset);
    },
  };
}

interface TextProblem {
  readonly offset: number;
  readonly text: string;
}

function parsed(text: string): { tree?: Node | undefined; value?: unknown; problems: readonly TextProblem[] } {
  if (text.trim() === '') return { problems: [] };
  const beyond = beyondBounds(text);
  if (beyond) return { problems: [{ offset: beyond.offset, text: beyond.problem }] };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const problems = errors.map(({ error, offset }) => ({ offset, text: syntaxError(printParseErrorCode(error)) }));
  const value = tree && errors.length === 0 ? toValue(tree, problems, secretRemover()) : undefined;
  return { tree, value, problems };
}

function toValue(node: Node, problems: TextProblem[], clear: (text: string) => string): unknown {
  if (node.type === 'array') return (node.children ?? []).map((child) => toValue(child, problems, clear));
  if (typeof node.value === 'number' && !Number.isFinite(node.value)) {
    problems.push({ offset: node.offset, text: 'This number is larger than any that can be computed with.' });
  }
  if (node.type !== 'object') return node.value;
  const object: Record<string, unknown> = Object.create(null);
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (!key || !value) continue;
    const name = String(key.value);
    const { offset } = key;
    if (forbiddenKeys.includes(name)) problems.push({ offset, text: `The key ${shown(name, clear)} is not allowed.` });
    else if (name in object) problems.push({ offset, text: `The key ${shown(name, clear)} is written twice here.` });
    else object[name] = toValue(value, problems, clear);
  }
  return object;
}

function nearestNode(tree: Node, path: Path): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length) as (string | number)[]); // jsonc-parser's type is mutable
    if (node) return node;
  }
  return tree;
}

function lineIndex(text: string): (offset: number) => Position {
  const starts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === '\n') starts.push(i + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}

// "CommaExpected" reads as "Comma expected."
function syntaxError(code: string): string {
  const words = code.replace(/([a-z])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`);
  return `${words}.`;
}
