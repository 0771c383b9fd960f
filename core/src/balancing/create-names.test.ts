import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveSettings } from '../settings/resolve-settings.ts'
import { createNames } from './create-names.ts'
import { fakeClock } from './dns/clock.fixture.ts'
import {
  a,
  aaaa,
  serveDns,
  srv,
  zone,
  type Say,
  type TestServer,
} from './dns/dns-server.fixture.ts'
import type { Answer } from './names.ts'

interface Wanted {
  readonly env?: Readonly<Record<string, string>>
  readonly resolvConf?: string
  readonly hosts?: string
}

/** Names as a gateway has them, but for the time and the files of the machine. */
function namesOf(
  servers: readonly TestServer[],
  { env = {}, resolvConf = '', hosts = '' }: Wanted = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = { resolvConf: join(folder, 'resolv.conf'), hosts: join(folder, 'hosts') }
  writeFileSync(files.resolvConf, resolvConf)
  writeFileSync(files.hosts, hosts)
  const resolver = servers.map(({ address, port }) =>
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
  )
  const { settings } = resolveSettings({
    env: { KONG_DNS_RESOLVER: resolver.join(), KONG_DNS_HOSTSFILE: files.hosts, ...env },
    cwd: folder,
  })
  const clock = fakeClock()
  const names = createNames(settings, {
    clock,
    random: () => 0,
    resolvConf: files.resolvConf,
    env: {},
  })
  const ips = async (host: string) => (await names.resolve(host)).addresses.map(({ ip }) => ip)
  return { names, ips, clock, files }
}

/** Whatever was sent has come, and whatever came was taken in. */
function settled(
  names: { resolve(host: string): Answer | Promise<Answer> },
  host: string,
  ip: string,
) {
  return expect
    .poll(async () => (await names.resolve(host)).addresses[0]?.ip, {
      interval: 5,
      timeout: 10_000,
    })
    .toBe(ip)
}

test('a name is asked for once, however many want it, and however it is spelt', async () => {
  const server = await serveDns(zone({ 'a.test A': [a('a.test', '10.0.0.1')] }))
  const { ips, names } = namesOf([server])
  const all = await Promise.all(['a.test', 'A.TEST', 'a.test'].map(ips))
  expect(all).toEqual([['10.0.0.1'], ['10.0.0.1'], ['10.0.0.1']])
  expect(server.asked.toSorted()).toEqual(['udp A a.test', 'udp AAAA a.test', 'udp SRV a.test'])
  expect(names.resolve('A.test')).not.toBeInstanceOf(Promise)
})

test('a server of IPv6 is asked, and the next one where one is silent', async () => {
  const six = await serveDns(zone({ 'a.test AAAA': [aaaa('a.test', 'fd00::1')] }), '::1')
  const silent = await serveDns(() => undefined)
  const { ips, clock } = namesOf([silent, six], { env: { KONG_DNS_ORDER: 'AAAA' } })
  const asking = ips('a.test')
  await expect.poll(() => silent.asked.length).toBe(1)
  clock.pass(1250)
  expect(await asking).toEqual(['fd00::1'])
})

test('a name that changes every second costs a question a second', async () => {
  let second = 1
  const server = await serveDns(({ type, name }) =>
    type === 'A' ? { answers: [a(name, `10.0.0.${second}`, 1)] } : {},
  )
  const { names, clock } = namesOf([server], { env: { KONG_DNS_ORDER: 'A' } })
  const told: unknown[] = []
  names.watch('a.test', ({ addresses }) => told.push(addresses[0]?.ip))
  for (; second <= 10; second++) {
    await settled(names, 'a.test', `10.0.0.${second}`)
    if (second < 10)
      for (let step = 0; step < 10; step++, clock.pass(100)) await names.resolve('a.test')
    if (second === 9) expect(server.asked.length).toBeLessThanOrEqual(10)
  }
  expect(told).toEqual(Array.from({ length: 10 }, (_, index) => `10.0.0.${index + 1}`))
  expect(server.asked).toHaveLength(10)
})

test('while servers fail the last answer serves; that a name is gone is believed', async () => {
  const good: Say = zone({ 'a.test A': [a('a.test', '10.0.0.1', 1)] })
  const server = await serveDns(good)
  const { names, ips, clock } = namesOf([server], { env: { KONG_DNS_ORDER: 'A' } })
  expect(await ips('a.test')).toEqual(['10.0.0.1'])
  server.say = () => ({ rcode: 2 })
  await names.resolve('a.test')
  clock.pass(1000)
  await expect.poll(async () => (await names.resolve('a.test')).error).toMatch(/^SERVFAIL from 127/)
  expect(await ips('a.test')).toEqual(['10.0.0.1'])
  server.say = () => ({ rcode: 3 })
  await names.resolve('a.test')
  clock.pass(1000)
  await expect.poll(async () => (await names.resolve('a.test')).error).toBe('NXDOMAIN')
  expect(await ips('a.test')).toEqual([])
  const count = server.asked.length
  clock.pass(29_000)
  await names.resolve('a.test')
  expect(server.asked).toHaveLength(count)
})

test('a service is found by its SRV records', async () => {
  const server = await serveDns(
    zone({
      '_s.test SRV': [srv('_s.test', { target: 'a.test', port: 81, weight: 3 })],
      'a.test A': [a('a.test', '10.0.0.1')],
    }),
  )
  const { names } = namesOf([server])
  expect(await names.resolve('_s.test')).toEqual({
    type: 'SRV',
    addresses: [{ ip: '10.0.0.1', port: 81, weight: 3, name: 'a.test' }],
  })
})

test('resolv.conf says where short names are looked for, and is followed', async () => {
  const server = await serveDns(
    zone({
      'a.one.test A': [a('a.one.test', '10.0.0.1')],
      'a.two.test A': [a('a.two.test', '10.0.0.2')],
    }),
  )
  const { ips, clock, files } = namesOf([server], { resolvConf: 'search one.test' })
  expect(await ips('a')).toEqual(['10.0.0.1'])
  writeFileSync(files.resolvConf, 'search two.test.')
  clock.pass(120_000)
  await settled(
    {
      resolve: async (host) => ({ type: 'A', addresses: (await ips(host)).map((ip) => ({ ip })) }),
    },
    'a',
    '10.0.0.2',
  )
})

test('without name servers of its own it has those of resolv.conf', async () => {
  const { names } = namesOf([], { resolvConf: 'nameserver ::1\noptions timeout:1' })
  const { error } = await names.resolve('a.test')
  expect(error).toMatch(/^(ECONNREFUSED|EADDRNOTAVAIL|\w+) from \[::1\]:53$/)
})

test('the hosts file is asked first, and who watches hears of its changes', async () => {
  const server = await serveDns(() => ({ rcode: 3 }))
  const env = { KONG_DNS_VALID_TTL: '60' }
  const { names, clock, files } = namesOf([server], { env, hosts: '10.0.0.1 a.test\n' })
  const told: unknown[] = []
  const watch = names.watch('a.test', ({ addresses }) => told.push(addresses.map(({ ip }) => ip)))
  await expect.poll(() => told.length).toBe(1)
  writeFileSync(files.hosts, '10.0.0.1 a.test\n10.0.0.22 a.test\n')
  clock.pass(1000)
  await expect.poll(() => told.length).toBe(2)
  expect(told).toEqual([['10.0.0.1'], ['10.0.0.1', '10.0.0.22']])
  expect(await names.resolve('a.test')).toMatchObject({ addresses: [{}, {}] })
  watch.close()
  expect(server.asked).toEqual([])
})

test('addresses and localhost are known at once, to who watches, too', () => {
  const { names } = namesOf([])
  expect(names.resolve('[::1]')).toMatchObject({ addresses: [{ ip: '::1' }] })
  expect(names.resolve('localhost')).toMatchObject({ type: 'A' })
  const told: unknown[] = []
  names.watch('10.0.0.1', (answer) => told.push(answer))
  names.watch('unix:/a.sock', (answer) => told.push(answer))
  expect(told).toMatchObject([
    { addresses: [{ ip: '10.0.0.1' }] },
    { addresses: [{ ip: 'unix:/a.sock' }] },
  ])
})

test('no bytes that come instead of an answer make it throw', async () => {
  let seed = 1
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) % 256
  const server = await serveDns(() => ({
    spoil: (bytes) => [
      Buffer.from(bytes.map((byte, at) => (at > 3 && random() < 40 ? random() : byte))),
    ],
  }))
  const { names, clock } = namesOf([server])
  const hosts = Array.from({ length: 100 }, (_, index) => `n${index}.test`)
  const answers = hosts.map((host) => Promise.resolve(names.resolve(host)))
  await expect.poll(() => server.asked.length).toBeGreaterThanOrEqual(64)
  let isOver = false
  const all = Promise.all(answers).finally(() => (isOver = true))
  await expect.poll(() => (clock.pass(500), isOver), { timeout: 20_000, interval: 5 }).toBe(true)
  for (const { addresses, error } of await all) {
    expect(addresses.length > 0 || typeof error === 'string').toBe(true)
  }
})
