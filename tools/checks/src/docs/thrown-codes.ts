import ts from 'typescript';

/**
 * The codes of the `StudyError`s that calling a function throws, as far as its own file shows: those that it throws itself or
 * gets from functions beside it. What it only returns a function for, and what stands in a `try`, is not counted.
 */
export function thrownCodes(declaration: ts.SignatureDeclaration, checker: ts.TypeChecker): readonly string[] {
  const codes = new Set<string>();
  const seen = new Set<ts.Node>();
  const enter = (node: ts.Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if ('body' in node && node.body) visit(node.body as ts.Node); // every function with a body has one of these
  };
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isTryStatement(node)) return void (node.catchClause ? visit(node.catchClause) : visit(node.tryBlock));
    if (ts.isThrowStatement(node) && node.expression)
      for (const code of codesIn(node.expression, checker)) codes.add(code);
    if (ts.isCallExpression(node)) {
      const called = functionBeside(node, checker);
      if (called) enter(called);
    }
    ts.forEachChild(node, visit);
  };
  enter(declaration);
  return [...codes];
}

/** Of `throw new StudyError('code', …)`, or of `throw failure(…)` where that function beside it makes one. */
function codesIn(thrown: ts.Expression, checker: ts.TypeChecker): readonly string[] {
  if (ts.isNewExpression(thrown) && thrown.expression.getText() === 'StudyError') {
    const [code] = thrown.arguments ?? [];
    return code && ts.isStringLiteral(code) ? [code.text] : [];
  }
  const maker = ts.isCallExpression(thrown) ? functionBeside(thrown, checker) : undefined;
  return maker && 'body' in maker && maker.body ? returnedCodes(maker.body as ts.Node) : []; // as above
}

function returnedCodes(body: ts.Node): readonly string[] {
  const codes: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'StudyError') {
      const [code] = node.arguments ?? [];
      if (code && ts.isStringLiteral(code)) codes.push(code.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return codes;
}

function functionBeside(call: ts.CallExpression, checker: ts.TypeChecker): ts.FunctionDeclaration | undefined {
  const declaration = checker.getSymbolAtLocation(call.expression)?.declarations?.[0];
  const isBeside = declaration?.getSourceFile() === call.getSourceFile();
  return declaration && isBeside && ts.isFunctionDeclaration(declaration) ? declaration : undefined;
}
