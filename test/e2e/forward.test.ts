import { expect, test } from 'vitest'
import { until } from './support/gateway.ts'
import { serve, talk } from './support/peers.ts'
import { routeTo, startWithPlugins } from './support/with-plugins.ts'

/** Sends a connection where its configuration says. */
const chooser = `schema: { type: 'object', properties: {
    service: { type: 'string' }, host: { type: 'string' }, port: { type: 'integer' },
  } },
  phases: { preread(conn, { config: { service, host = '', port }, log }) {
    const first = conn.forward(service !== undefined ? { service } : { host, ...(port && { port }) })
    log.warn({ first, second: first && conn.forward({ service: 'up' }) }, 'chosen')
    if (!first) return reject('nowhere')
  } },`

/** A server that says its name. */
const named = (name: string) => serve((socket) => socket.end(name))

test('a plugin sends a connection to another service, an upstream, a host; without one it is turned away', async () => {
  const gateway = await startWithPlugins({ chooser })
  const [usual, other] = [await named('usual'), await named('other')]
  await routeTo(gateway, usual.port)
  await gateway.create('/services', { name: 'other', url: `tcp://127.0.0.1:${other.port}` })
  const { id } = await gateway.create('/routes/plain/plugins', {
    name: 'chooser',
    config: { service: 'other' },
  })
  const said = async () => (await talk(gateway.port, '')).received
  const choose = async (to: object) => {
    const changed = await gateway.admin('PATCH', `/plugins/${id}`, {
      config: { service: null, host: null, port: null, ...to },
    })
    expect(changed.status).toBe(200)
    return said()
  }
  expect(await said()).toBe('other')
  expect(await choose({ host: '127.0.0.1', port: other.port })).toBe('other')
  expect(await choose({ host: '127.0.0.1' })).toBe('usual')
  expect(await choose({ service: 'none' })).toBe('')
  await gateway.admin('PATCH', '/services/other', { name: 'renamed' })
  expect(await choose({ service: 'other' })).toBe('')
  expect(await choose({ service: 'renamed' })).toBe('other')
  await gateway.admin('PATCH', '/services/renamed', { enabled: false })
  expect(await said()).toBe('')
  const served = () => gateway.endings().filter(({ status }) => status === 200)
  await until(() => served().length === 4)
  expect(served().map(({ service }) => service.name)).toEqual(['other', 'up', 'up', 'renamed'])
  // The first call decides.
  expect(gateway.output()).not.toContain('"second":true')
})
