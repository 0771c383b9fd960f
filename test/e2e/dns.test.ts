import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  a,
  aaaa,
  serveDns,
  srv,
  zone,
  type TestServer,
} from '../../core/src/balancing/dns/dns-server.fixture.ts'
import { startGateway, temporaryFolder, until } from './support/gateway.ts'
import { serve, talk } from './support/peers.ts'
import { follow, routeTo } from './support/with-plugins.ts'

/** A gateway that asks this server, and no other. */
function startAsking(server: TestServer, settings: Readonly<Record<string, string>> = {}) {
  return startGateway({
    settings: {
      stream_listen: '127.0.0.1:0',
      admin_listen: '127.0.0.1:0',
      worker_processes: '1',
      dns_resolver: `127.0.0.1:${server.port}`,
      ...settings,
    },
  })
}

/** A server that says its name and ends. */
function serveNamed(name: string): Promise<{ readonly port: number }> {
  return serve((socket) => void socket.end(name))
}

test('a service is reached by the address of its name, which is asked for once', async () => {
  const server = await serveDns(
    zone({
      'up.test A': [a('up.test', '127.0.0.1')],
      'up.test AAAA': [aaaa('up.test', '100::1')],
    }),
  )
  const gateway = await startAsking(server)
  const lines = await follow(gateway)
  const { port } = await serveNamed('here')
  await routeTo(gateway, port, { host: 'up.test.' })
  for (let count = 0; count < 3; count++) {
    expect((await talk(gateway.port, '')).received).toBe('here')
  }
  expect(await lines(3)).toMatchObject([
    { tries: [{ ip: '127.0.0.1', port }] },
    { tries: [{ ip: '127.0.0.1', port }] },
    { tries: [{ ip: '127.0.0.1', port }] },
  ])
  expect(server.asked.toSorted()).toEqual(['udp A up.test', 'udp AAAA up.test', 'udp SRV up.test'])
})

test('SRV records bring ports and weights; a change is followed when their time is over', async () => {
  const [one, two, three] = [await serveNamed('1'), await serveNamed('2'), await serveNamed('3')]
  const place = (target: string, port: number, weight: number, priority = 1) =>
    srv('_up.test', { target, port, weight, priority }, 1)
  const server = await serveDns(({ name, type }) => {
    if (type === 'A' && name.endsWith('.test')) return { answers: [a(name, '127.0.0.1')] }
    if (type !== 'SRV') return {}
    return {
      answers: [
        place('a.test', one.port, 3),
        place('b.test', two.port, 1),
        place('c.test', three.port, 100, 2),
      ],
    }
  })
  const gateway = await startAsking(server)
  await routeTo(gateway, 1, { host: '_up.test.' })
  const said = async () => (await talk(gateway.port, '')).received
  const first: string[] = []
  for (let count = 0; count < 8; count++) first.push(await said())
  expect(first.filter((name) => name === '1')).toHaveLength(6)
  expect(first.filter((name) => name === '2')).toHaveLength(2)
  server.say = ({ type, name }) =>
    type === 'SRV'
      ? { answers: [place('c.test', three.port, 1)] }
      : { answers: type === 'A' ? [a(name, '127.0.0.1')] : [] }
  await until(async () => (await said()) === '3')
  server.say = () => ({ rcode: 2 })
  const count = server.asked.length
  await until(() => server.asked.length > count)
  expect(await said()).toBe('3')
})

test('a change of address is followed once its time is over', async () => {
  const up = await serveNamed('up')
  const server = await serveDns(({ type, name }) =>
    type === 'A' ? { answers: [a(name, '127.0.0.1', 1)] } : {},
  )
  const gateway = await startAsking(server, { dns_order: 'LAST,A' })
  const lines = await follow(gateway)
  await routeTo(gateway, up.port, { host: 'up.test.', retries: 0 })
  expect((await talk(gateway.port, '')).received).toBe('up')
  server.say = ({ name }) => ({ answers: [a(name, '127.0.0.2', 1)] })
  let ended = 1
  await until(async () => {
    await talk(gateway.port, '')
    const [last] = (await lines(++ended)).at(-1)?.tries ?? []
    return last !== undefined && 'ip' in last && last.ip === '127.0.0.2'
  })
})

test('nobody waits for a name longer than for a connect, and the reason is told', async () => {
  const server = await serveDns(() => undefined)
  const gateway = await startAsking(server)
  const lines = await follow(gateway)
  await routeTo(gateway, 1, { host: 'silent.test.', connect_timeout: 100 })
  expect((await talk(gateway.port, '')).received).toBe('')
  expect(await lines(1)).toMatchObject([
    {
      ending: 'upstream.dns.failed',
      reason: 'silent.test. has no address: its name was not resolved within 100 ms',
      session: { status: 503 },
      tries: [],
    },
  ])
})

test('targets are shown with what their names have, or with the reason why they have nothing', async () => {
  const server = await serveDns(
    zone({
      'two.test A': [a('two.test', '10.0.0.1'), a('two.test', '10.0.0.2')],
      '_s.test SRV': [srv('_s.test', { target: '10.0.0.3', port: 33, weight: 7 })],
    }),
  )
  const hosts = join(temporaryFolder(), 'hosts')
  writeFileSync(hosts, '10.9.9.9 hosts.test.\n')
  const gateway = await startAsking(server, { dns_hostsfile: hosts })
  await gateway.create('/upstreams', { name: 'pool.test' })
  for (const target of ['two.test:80', '_s.test:80', 'none.test:80', 'hosts.test:80']) {
    await gateway.create('/upstreams/pool.test/targets', { target })
  }
  const { body } = await gateway.admin('GET', '/upstreams/pool.test/health')
  const shown = new Map(body.data.map((row: { target: string }) => [row.target, row]))
  expect(shown.get('two.test:80')).toMatchObject({
    data: {
      dns: 'A',
      addresses: [
        { ip: '10.0.0.1', port: 80 },
        { ip: '10.0.0.2', port: 80 },
      ],
    },
  })
  expect(shown.get('_s.test:80')).toMatchObject({
    data: { dns: 'SRV', addresses: [{ ip: '10.0.0.3', port: 33, weight: 7 }] },
  })
  expect(shown.get('none.test:80')).toMatchObject({
    health: 'DNS_ERROR',
    data: { dns: 'NXDOMAIN' },
  })
  expect(shown.get('hosts.test:80')).toMatchObject({ data: { addresses: [{ ip: '10.9.9.9' }] } })
})
