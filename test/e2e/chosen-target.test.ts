import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { temporaryFolder, until, type RunningGateway } from './support/gateway.ts'
import { serve, serveTls, talk } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

/** Answers with the targets of a file, one after the other, as often as it is asked. */
const chooser = `
  schema: { type: 'object', properties: { file: { type: 'string' } }, required: ['file'] },
  setup: async ({ config }) => JSON.parse(await (await import('node:fs/promises')).readFile(config.file, 'utf8')),
  phases: { balance: ({ failed }, { state }) => state[Math.min(failed, state.length - 1)] },
`

const identity = await createSelfSigned({
  key: 'ec',
  commonName: 'db.example',
  names: ['db.example'],
  days: 1,
})

/** A gateway whose service refuses connections, and whose plugin has targets of its own. */
async function choosing(...targets: readonly object[]): Promise<RunningGateway> {
  const gateway = await startWithPlugins({ chooser })
  await routeTo(gateway, 1, { retries: targets.length - 1 })
  const file = join(temporaryFolder(), 'targets.json')
  writeFileSync(file, JSON.stringify(targets))
  await gateway.create('/routes/plain/plugins', { name: 'chooser', config: { file } })
  return gateway
}

async function named() {
  const names: unknown[] = []
  const server = await serveTls(identity, (socket) => {
    names.push((socket as TLSSocket & { servername?: unknown }).servername)
    socket.pipe(socket)
  })
  return { port: server.port, names }
}

async function firstEnding(gateway: RunningGateway) {
  await until(() => gateway.endings().length > 0)
  return gateway.endings()[0]
}

test('TLS to a target that a plugin names, with a name and authorities of its own', async () => {
  const { port, names } = await named()
  const tls = { serverName: 'db.example', verify: true, ca: [identity.cert] }
  const gateway = await choosing({ host: '127.0.0.1', port, tls })
  expect(await talk(gateway.port, 'hello')).toMatchObject({ received: 'hello' })
  expect(names).toEqual(['db.example'])
})

test('a certificate for another name is refused, and the plugin is asked again', async () => {
  const { port } = await named()
  const plain = await serve((socket) => socket.pipe(socket))
  const ca = [identity.cert]
  const gateway = await choosing(
    { host: '127.0.0.1', port, tls: { serverName: 'other.example', verify: true, ca } },
    { host: '127.0.0.1', port: plain.port, tls: false },
  )
  expect(await talk(gateway.port, 'hello')).toMatchObject({ received: 'hello' })
  expect(await firstEnding(gateway)).toMatchObject({ target: `127.0.0.1:${plain.port}` })
})

test('a service that speaks TLS, and a target that does not', async () => {
  const plain = await serve((socket) => socket.pipe(socket))
  const gateway = await choosing({ host: '127.0.0.1', port: plain.port, tls: false })
  await gateway.admin('PATCH', '/services/up', { protocol: 'tls' })
  expect(await talk(gateway.port, 'hello')).toMatchObject({ received: 'hello' })
})

test('a target that does not shake hands in its time is left for the next one', async () => {
  const mute = await serve(() => undefined)
  const { port } = await named()
  const gateway = await choosing(
    { host: '127.0.0.1', port: mute.port, tls: {}, timeouts: { connect: 100 } },
    { host: '127.0.0.1', port, tls: {} },
  )
  expect(await talk(gateway.port, 'hello')).toMatchObject({ received: 'hello' })
  expect(await firstEnding(gateway)).toMatchObject({ target: `127.0.0.1:${port}` })
})

test('a target that is silent for its time ends the session', async () => {
  const mute = await serve(() => undefined)
  const timeouts = { read: 100, write: 100 }
  const gateway = await choosing({ host: '127.0.0.1', port: mute.port, timeouts })
  await talk(gateway.port, 'hello', { halfClose: false })
  expect(await firstEnding(gateway)).toMatchObject({ ending: 'gateway.idle_timeout' })
})

test('terms that are none are a fault of the plugin, which the log names', async () => {
  const gateway = await choosing({ host: '127.0.0.1', port: 1, timeouts: { connect: -1 } })
  await talk(gateway.port, 'hello')
  expect(await firstEnding(gateway)).toMatchObject({ ending: 'plugin.chooser.failed' })
  expect(gateway.output()).toContain("the target's timeouts.connect is not between 1 and")
})
