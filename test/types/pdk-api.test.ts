import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareContract, compiler, root, scratch } from './pdk-api.ts'

test('the contract of the PDK is the one that is written down; "npm run api" writes it down anew', () => {
  expect(compareContract(false)).toEqual([
    { file: 'pdk.api.md', isChanged: false },
    { file: 'pdk-testing.api.md', isChanged: false },
  ])
})

let folder: string
beforeAll(() => {
  folder = scratch('budget-')
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** How often the compiler fills in a generic type to check a file and what it imports. */
function instantiations(file: string): number {
  const compilerOptions = { incremental: false, noEmit: true }
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions,
    files: [file],
    include: [],
  }
  const config = join(folder, 'tsconfig.json')
  writeFileSync(config, JSON.stringify(settings))
  const args = [compiler, '-p', config, '--extendedDiagnostics', '--singleThreaded']
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' })
  return Number(/^Instantiations:\s+(\d+)$/m.exec(said)?.[1])
}

/** A third above what is needed today: a type that gets dear for every author is seen here. */
const budgets = { 'sdk-examples/1-maintenance': 700, 'plugins/rate-limiting': 6100 } as const

test('a plugin costs the compiler little', () => {
  const empty = join(folder, 'empty.ts')
  writeFileSync(empty, "import '@kong-ts/pdk'\n")
  const alone = instantiations(empty)
  expect(alone).toBeLessThan(7500)
  for (const [plugin, budget] of Object.entries(budgets)) {
    const needed = instantiations(join(root, plugin, 'src/index.ts')) - alone
    expect(needed, plugin).toBeGreaterThan(0)
    expect(needed, plugin).toBeLessThan(budget)
  }
})
