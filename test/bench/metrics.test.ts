import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a short run tells what counting costs', () => {
  const path = new URL('metrics.ts', import.meta.url).pathname
  const args = [path, '--rounds', '1', '--connections', '500']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const rows = [...stdout.matchAll(/^\| (.+?) +\| \d+ +\| \d+ to \d+ +\|$/gm)]
  expect(rows.map(([, name]) => name)).toHaveLength(9)
}, 60_000)
