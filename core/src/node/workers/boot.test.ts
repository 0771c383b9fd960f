import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { doorOptions, prepareBoot } from './boot.ts'
import { grounds, settingsOf, temporaryFolder } from '../node.fixture.ts'

const around = { cwd: '/', ticketSecret: new Uint8Array(32) }

test('a boot is plain data that can be sent to another process', async () => {
  const { boot, warnings } = await prepareBoot(settingsOf(), around)
  expect(structuredClone(boot)).toEqual(boot)
  expect(boot.defaults).toHaveLength(2)
  expect(warnings).toEqual([])
})

test('certificates beside the system’s are added to them; the system’s alone are the transport’s', async () => {
  const { boot } = await prepareBoot(settingsOf({ trusted_certificate: 'system' }), around)
  expect(boot.trusted).toBeUndefined()
  const [own] = boot.defaults
  const file = join(temporaryFolder(), 'own.pem')
  writeFileSync(file, own!.cert)
  const more = settingsOf({ trusted_certificate: `system,${file}` })
  const both = await prepareBoot(more, around)
  expect(both.boot.trusted?.length).toBeGreaterThan(1)
  expect(both.boot.trusted?.at(-1)).toContain('BEGIN CERTIFICATE')
})

test('keepalive is the listener’s own, or the setting’s, in seconds', async () => {
  const stream_listen = '127.0.0.1:0 so_keepalive=90s:: backlog=7, 127.0.0.1:0'
  const settings = settingsOf({ stream_listen, tcp_keepalive: '30s' })
  const { listeners } = await grounds(settings)
  const doors = listeners.bound.map((bound) => doorOptions(bound, settings))
  expect(doors).toMatchObject([{ keepAlive: 90, backlog: 7 }, { keepAlive: 30 }])
})
