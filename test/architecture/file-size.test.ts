import { expect, test } from 'vitest'

import { countedLines, median } from './file-size.ts'
import { read, sources } from './repository.ts'

test('counts code, not blank lines or comments', () => {
  expect(countedLines('/** Why. */\n\nexport const a = 1 // here\n// there\nf(`x\ny`)\n')).toBe(3)
})

test('one file, one idea: no source file has more than 200 lines of code', () => {
  const sizes = sources().map((path) => ({ path, lines: countedLines(read(path)) }))
  const [largest] = sizes.toSorted((a, b) => b.lines - a.lines)
  process.stdout.write(
    `${sizes.length} source files; lines of code: median ${median(sizes.map(({ lines }) => lines))}, ` +
      `largest ${largest?.lines} (${largest?.path})\n`,
  )
  expect(sizes.filter(({ lines }) => lines > 200)).toEqual([])
})
