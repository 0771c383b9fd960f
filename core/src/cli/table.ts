import { styleText } from 'node:util'

/** Rows under a heading, in columns as wide as their widest cell. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  { styled }: { readonly styled: boolean },
): string {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const title = line(heading)
  return [
    styled ? styleText('bold', title, { validateStream: false }) : title,
    ...rows.map(line),
  ].join('\n')
}
