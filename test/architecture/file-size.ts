import ts from 'typescript'

/** Lines that hold code: blank lines and lines of nothing but comment are not counted. */
export function countedLines(text: string): number {
  const file = ts.createSourceFile('counted.ts', text, ts.ScriptTarget.Latest, true)
  const lines = new Set<number>()
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file)
    if (children.length === 0 && node.kind !== ts.SyntaxKind.EndOfFileToken) {
      const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line
      const last = file.getLineAndCharacterOfPosition(node.getEnd()).line
      for (let line = first; line <= last && node.getWidth(file) > 0; line += 1) lines.add(line)
    }
    for (const child of children) if (!ts.isJSDoc(child)) visit(child)
  }
  visit(file)
  return lines.size
}

/** The middle value; of an even number of values, the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
}
