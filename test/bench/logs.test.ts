import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a short run tells what every log plugin costs, and that its lines arrive', () => {
  const path = new URL('logs.ts', import.meta.url).pathname
  const args = [path, '--rounds', '1', '--connections', '200']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const rows = stdout.matchAll(
    /^\| (\S+-log|syslog).* \| +\d+\.\d \| +[\d.]+ to [\d.]+ \| +(\d+) \|$/gm,
  )
  const logged = [...rows].map(([, name, bytes]) => [name, Number(bytes) > 500])
  expect(logged).toEqual(
    ['file-log', 'file-log', 'tcp-log', 'udp-log', 'syslog', 'syslog', 'http-log', 'http-log'].map(
      (name) => [name, true],
    ),
  )
}, 60_000)
