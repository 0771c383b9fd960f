import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { judge } from './soak/verdict.ts'

test('a short soak has every kind of traffic, a kill and a reload, and leaves nothing behind', () => {
  const path = new URL('soak.ts', import.meta.url).pathname
  const args = [path, '--minutes', '0.15', '--parts', '3']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr, stdout }).toMatchObject({ status: 0, stderr: '' })
  expect(stdout).toContain('Nothing was wrong.')
  const habits = [...stdout.matchAll(/^\| .+? \| [1-9]\d* +\| \d+ +\|$/gm)]
  expect(habits).toHaveLength(17)
}, 180_000)

test('the worker that is killed may miss a change, and no other one may', () => {
  const line = (worker: number) => ({ msg: 'a worker did not follow', worker })
  const faults = judge({
    looks: [],
    tallies: new Map(),
    kill: { at: 0, pid: 7 },
    lines: [line(7), line(8)],
    isLong: false,
  })
  expect(faults).toEqual(['error log: {"msg":"a worker did not follow","worker":8}'])
})
