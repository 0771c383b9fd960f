import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { hearLast, lastDescriptor, readLast, wordLast } from './last-report.ts'

test('a stall that ends its worker is one of the row that it happened to', () => {
  const text = wordLast({ plugin: 'looper', instance: 'i' }, 3_250) ?? ''
  const counts = { rejected: 0, wouldReject: 0, failed: 0, stalls: 1, longestStall: 3_250 }
  expect(readLast(text)).toEqual({
    id: 'i',
    plugin: 'looper',
    news: { phases: {}, ...counts },
    isDisabled: false,
  })
  expect(wordLast({ plugin: 'looper' }, 3_250)).toBeUndefined()
})

test.each(['', 'i looper', 'i looper many\n', 'i looper 3250', 'i looper 1\ni looper 2\n'])(
  '%j means nothing',
  (text) => expect(readLast(text)).toBeUndefined(),
)

test('a process that is killed at once has been heard when it has closed', async () => {
  const text = JSON.stringify('i looper 3250\n')
  const program = `require('fs').writeSync(${lastDescriptor}, ${text}); process.kill(process.pid, 'SIGKILL')`
  const stdio = ['ignore', 'ignore', 'ignore', 'ignore', 'pipe'] as const
  const child = spawn(process.execPath, ['-e', program], { stdio: [...stdio] })
  const heard: unknown[] = []
  hearLast(child, (report) => void heard.push(report))
  await once(child, 'close')
  expect(heard).toMatchObject([{ id: 'i', plugin: 'looper', news: { longestStall: 3_250 } }])
  hearLast({}, (report) => void heard.push(report))
  expect(heard).toHaveLength(1)
})
