import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'

import { expect, test } from 'vitest'

import { files, isTest, read, root, sources } from './repository.ts'
import { exportsBehaviour, parse } from './syntax.ts'
import { testedElsewhere } from './tested-elsewhere.ts'

/** A test beside a file has its name, or imports it. */
function hasTestBeside(path: string): boolean {
  if (existsSync(root + path.replace(/\.ts$/, '.test.ts'))) return true
  const folder = dirname(path)
  return files(folder)
    .filter((other) => isTest(other) && dirname(other) === folder)
    .some((other) => read(other).includes(`'./${basename(path)}'`))
}

const behaving = sources().filter((path) => exportsBehaviour(parse(path)))

test('what behaves has a test beside it', () => {
  const untested = behaving.filter((path) => !(path in testedElsewhere) && !hasTestBeside(path))
  expect(behaving).not.toHaveLength(0)
  expect(untested).toEqual([])
})

test('the list of exceptions is current: each has no test beside it and names one that exists', () => {
  for (const [path, covering] of Object.entries(testedElsewhere)) {
    expect(behaving, path).toContain(path)
    expect(hasTestBeside(path), path).toBe(false)
    expect(existsSync(root + covering), `${path}: ${covering}`).toBe(true)
  }
})
