import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a process leaves with its status, its last words, and whatever is open', () => {
  const module = JSON.stringify(new URL('leave.ts', import.meta.url).href)
  const script = `
    import { leave } from ${module}
    setInterval(() => undefined, 1000)
    process.on('exit', (code) => process.stdout.write('left with ' + code))
    process.stdout.write('x'.repeat(100_000))
    leave(7)`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect(status).toBe(7)
  expect(stdout).toBe(`${'x'.repeat(100_000)}left with 7`)
})
