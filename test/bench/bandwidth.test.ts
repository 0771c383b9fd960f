import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

test('the bench of bandwidth-limiting runs, and writes every figure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-bandwidth-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const bench = new URL('bandwidth.ts', import.meta.url).pathname
  const to = join(folder, 'results.md')
  const brief = ['--seconds=0.2', '--connections=16', '--gigabytes=0.02', `--to=${to}`]
  const { status, stderr } = spawnSync(process.execPath, [bench, ...brief], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  const lines = readFileSync(to, 'utf8').split('\n')
  const rows = lines.filter((line) => /^\| [^|]* \| \d+\.\d/.test(line))
  expect(rows).toHaveLength(4 + 7 + 5)
}, 120_000)
