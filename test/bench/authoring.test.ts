import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a short run tells what an author waits for, and what a plugin costs the compiler', () => {
  const path = new URL('authoring.ts', import.meta.url).pathname
  const args = [path, '--rounds', '1', '--saves', '2']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^\| `kong-ts plugins test .*\| s +\| \d+\.\d\d +\|/m)
  expect(stdout).toMatch(/^\| from a save until .*\| ms +\| \d+ +\| \d+ to \d+ +\| 2 +\|$/m)
  expect(stdout).toContain('2 of 2 were served to the end by the version')
  const examples = [...stdout.matchAll(/^\| `\d-\S+` +\| (\d+) +\| (\d+) +\|$/gm)]
  expect(examples).toHaveLength(9)
  for (const [row, instantiations, lines] of examples) {
    expect(Math.min(Number(instantiations), Number(lines)), row).toBeGreaterThan(0)
  }
}, 120_000)
