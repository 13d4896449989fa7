import ts from 'typescript';
import { thrownCodes } from './thrown-codes.ts';

/** One entry point of a package, as a file of its source. */
export interface Entry {
  readonly name: string;
  readonly file: string;
}

const rawArray =
  /\b(?:Float32Array|Float64Array|Uint8Array|Uint8ClampedArray|Int32Array|Uint32Array)\b|\bNdArray\b(?!<')/;
const saysShape =
  /`\[[^`]*\]|`[a-z](?: [a-z])+`|\b(?:lengths?|long|per|rows?|columns?|bytes?|each|every|one (?:for|of))\b/i;

/**
 * What the names that packages export do not say, one sentence each: every name has a comment; a function names the codes of
 * the errors that it throws itself, and the shape of arrays whose type has none; ports and plugins show an example.
 *
 * @param portsFile where `Ports` is, the interface whose members are the ports
 */
export function missingDocs(program: ts.Program, entries: readonly Entry[], portsFile: string): readonly string[] {
  const checker = program.getTypeChecker();
  const ports = portsIn(program, portsFile, checker);
  return entries.flatMap(({ name, file }) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${file}: expected a module with exports.`);
    const exported = checker.getExportsOfModule(module).map((symbol) => ownSymbol(symbol, checker));
    const plugins = pluginsOf(checker.getExportsOfModule(module), checker);
    return exported
      .filter((symbol) => isOurs(symbol))
      .flatMap((symbol) => sentencesOf(symbol, checker, ports.has(symbol) || plugins.has(symbol)))
      .map((sentence) => `${name}: ${sentence}`);
  });
}

function sentencesOf(symbol: ts.Symbol, checker: ts.TypeChecker, needsExample: boolean): readonly string[] {
  const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
  const tags = symbol.getJsDocTags(checker);
  const all = [comment, ...tags.map(({ text }) => ts.displayPartsToString(text))].join('\n');
  const name = symbol.getName();
  if (!comment && !all.trim()) return [`${name} has no comment`];
  const declarations = (symbol.declarations ?? []).flatMap((declaration) => functionIn(declaration) ?? []);
  const codes = [...new Set(declarations.flatMap((declaration) => thrownCodes(declaration, checker)))];
  const untold = codes.filter((code) => !all.includes(code));
  const signature = declarations.map((declaration) => signatureText(declaration)).join();
  return [
    ...(untold.length > 0 ? [`${name} throws ${untold.join(', ')} without saying so`] : []),
    ...(rawArray.test(signature) && !saysShape.test(all) ? [`${name} does not say the shape of its arrays`] : []),
    ...(needsExample && !tags.some((tag) => tag.name === 'example') ? [`${name} has no @example`] : []),
  ];
}

function signatureText(declaration: ts.SignatureDeclaration): string {
  return [...declaration.parameters.map(({ type }) => type), declaration.type]
    .map((type) => type?.getText() ?? '')
    .join(', ');
}

/** The function that a declaration is, or that a constant holds. */
function functionIn(declaration: ts.Declaration): ts.SignatureDeclaration | undefined {
  if (ts.isFunctionDeclaration(declaration)) return declaration;
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  return value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) ? value : undefined;
}

function ownSymbol(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** What is exported from elsewhere is documented there. */
function isOurs(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((declaration) => !declaration.getSourceFile().isDeclarationFile);
}

function portsIn(program: ts.Program, file: string, checker: ts.TypeChecker): ReadonlySet<ts.Symbol> {
  const found = new Set<ts.Symbol>();
  for (const statement of program.getSourceFile(file)?.statements ?? [])
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === 'Ports')
      for (const member of checker.getTypeAtLocation(statement).getProperties()) {
        const { symbol } = checker.getTypeOfSymbol(member);
        if (symbol) found.add(symbol);
      }
  return found;
}

/** The constants that a package lists in `plugins`. */
function pluginsOf(exported: readonly ts.Symbol[], checker: ts.TypeChecker): ReadonlySet<ts.Symbol> {
  const found = new Set<ts.Symbol>();
  const list = exported.find((symbol) => symbol.getName() === 'plugins');
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && ts.isArrayLiteralExpression(node.parent)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol) found.add(ownSymbol(symbol, checker));
    }
    ts.forEachChild(node, visit);
  };
  for (const declaration of (list && ownSymbol(list, checker).declarations) ?? []) visit(declaration);
  return found;
}
