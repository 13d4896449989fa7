import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

/** What a reader can take in: source files of a folder, lines of a file, lines of a function with its head. */
export const limits = { files: 20, lines: 300, functionLines: 60 };

/** Every folder, file and function below `folder` that is over a limit, one sentence each, with paths from `folder`. */
export function oversized(folder: string, path = ''): readonly string[] {
  const entries = readdirSync(join(folder, path), { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && isSource(entry.name)).map(({ name }) => join(path, name));
  const inside = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
  const crowd =
    files.length > limits.files ? [`${path || '.'} holds ${files.length} files, more than ${limits.files}`] : [];
  return [
    ...crowd,
    ...files.flatMap((file) => oversizedIn(file, readFileSync(join(folder, file), 'utf8'))),
    ...inside.flatMap((below) => oversized(folder, below)),
  ];
}

function isSource(name: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(name);
}

/** What is over a limit in the text of one file: itself, and functions of every form, those in functions too. */
export function oversizedIn(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(basename(file), text, ts.ScriptTarget.Latest, true);
  const lines = text.replace(/\n$/, '').split('\n').length;
  const long = lines > limits.lines ? [`${file} has ${lines} lines, more than ${limits.lines}`] : [];
  return [...long, ...longFunctions(source, source).map((sentence) => `${file}:${sentence}`)];
}

function longFunctions(node: ts.Node, source: ts.SourceFile): readonly string[] {
  const inside: string[] = [];
  ts.forEachChild(node, (child) => void inside.push(...longFunctions(child, source)));
  if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return inside;
  const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
  const count = source.getLineAndCharacterOfPosition(node.end).line - first + 1;
  if (count <= limits.functionLines) return inside;
  return [`${first + 1} ${nameOf(node, source)} has ${count} lines, more than ${limits.functionLines}`, ...inside];
}

function nameOf(node: ts.SignatureDeclaration, source: ts.SourceFile): string {
  const { parent } = node;
  const named =
    node.name ?? (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : undefined);
  return named?.getText(source) ?? 'a function';
}
