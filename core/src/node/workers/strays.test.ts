import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('what nobody catches is reported with its stack, and the process goes on', async () => {
  const program = `
    import { createErrorLog } from '${new URL('../logs/log.ts', import.meta.url).href}'
    import { reportStrays } from '${new URL('./strays.ts', import.meta.url).href}'
    reportStrays(createErrorLog({ error_log: 'stderr', log_level: 'notice' }).log)
    setTimeout(() => { throw new Error('from a timer') })
    void Promise.reject('from a promise')
    setTimeout(() => console.log('still here'), 20)
  `
  const args = ['--input-type=module-typescript', '-e', program]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args)
  expect(stdout).toBe('still here\n')
  const told = stderr
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(told).toMatchObject([
    { level: 'crit', kind: 'rejection', msg: 'nobody caught this: from a promise' },
    { level: 'crit', kind: 'exception', stack: expect.stringContaining('Error: from a timer') },
  ])
})
