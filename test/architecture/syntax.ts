import ts from 'typescript'

import { read } from './repository.ts'

export function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true)
}

/** Every node of a file that a guard accepts, in the order in which they stand. */
export function nodes<N extends ts.Node>(
  file: ts.SourceFile,
  accepts: (node: ts.Node) => node is N,
): N[] {
  const found: N[] = []
  const visit = (node: ts.Node): void => {
    if (accepts(node)) found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false
  return !!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
}

function declaresFunction(declaration: ts.VariableDeclaration): boolean {
  const value = declaration.initializer
  return !!value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
}

function behaves(statement: ts.Statement): boolean {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return true
  return (
    ts.isVariableStatement(statement) &&
    statement.declarationList.declarations.some(declaresFunction)
  )
}

/** Whether a file exports a function or a class that it declares itself. */
export function exportsBehaviour(file: ts.SourceFile): boolean {
  return file.statements.some((statement) => isExported(statement) && behaves(statement))
}
