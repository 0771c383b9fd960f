import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a short soak has every kind of traffic, a kill and a reload, and leaves nothing behind', () => {
  const path = new URL('soak.ts', import.meta.url).pathname
  const args = [path, '--minutes', '0.15', '--parts', '3']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr, stdout }).toMatchObject({ status: 0, stderr: '' })
  expect(stdout).toContain('Nothing was wrong.')
  const habits = [...stdout.matchAll(/^\| .+? \| [1-9]\d* +\| \d+ +\|$/gm)]
  expect(habits).toHaveLength(17)
}, 180_000)
