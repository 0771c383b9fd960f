import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

function kongTs(...args: string[]) {
  const main = join(import.meta.dirname, 'main.ts')
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 20_000 })
}

test('the command prints, and its exit code reaches the shell', () => {
  expect(kongTs('version')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  })
  expect(kongTs('strat')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/\nNo such command: strat\nDid you mean start\?\n$/),
  })
})
