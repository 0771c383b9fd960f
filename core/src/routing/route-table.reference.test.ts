import { BlockList } from 'node:net'
import type { Endpoint } from '@kong-ts/pdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AddressMatch, Route } from '../entities/rows.ts'
import { entries, route } from './route.fixture.ts'
import { RouteTable } from './route-table.ts'

// The rules once more, written without an index: every route is asked, and every answer is compared as a list.

type Rank = readonly (number | string)[]

function rankEntry({ ip, port }: AddressMatch, at: Endpoint): Rank | undefined {
  if (!isPort(port, at.port)) return undefined
  // An entry without both does not pass the schema.
  if (ip === null) return [3, 0]
  const [net = '', bits] = ip.replace('::ffff:', '').split('/')
  const full = net.includes(':') ? 128 : 32
  const length = Number(bits ?? full)
  const inside = isInside(at.address.replace('::ffff:', ''), net, length)
  return inside ? [kindOf(port !== null, length === full), -length] : undefined
}

function isPort(listed: number | null, given: number): boolean {
  return listed === null || (listed === given && given !== 0)
}

function kindOf(isPorted: boolean, isWhole: boolean): number {
  if (isPorted) return isWhole ? 0 : 2
  return isWhole ? 1 : 4
}

function isInside(address: string, net: string, length: number): boolean {
  if (address.startsWith('unix') || address.includes(':') !== net.includes(':')) return false
  const family = net.includes(':') ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(net, length, family)
  return list.check(address, family)
}

function rankSni(pattern: string, name: string): Rank | undefined {
  const sni = pattern.toLowerCase().replace(/\.$/, '')
  if (sni.startsWith('*.')) return name.endsWith(sni.slice(1)) ? [1, -sni.length] : undefined
  if (sni.endsWith('.*')) return name.startsWith(sni.slice(0, -1)) ? [2, -sni.length] : undefined
  return sni === name ? [0, 0] : undefined
}

const compare = (a: Rank, b: Rank): number => {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1
}

function bestOf<T>(list: readonly T[] | null, rank: (each: T) => Rank | undefined) {
  if (list === null) return [0, 0]
  const ranks = list.map(rank).filter((each) => each !== undefined)
  return ranks.toSorted(compare)[0]
}

const order = ['sni+src+dst', 'sni+src', 'sni+dst', 'src+dst', 'sni', 'src', 'dst', '']

function rankRoute(row: Route, from: Endpoint, to: Endpoint, name?: string): Rank | undefined {
  const { snis, sources, destinations } = row
  const category = [snis && 'sni', sources && 'src', destinations && 'dst']
  const ranks = [
    bestOf(snis, (each) => (name === undefined ? undefined : rankSni(each, name))),
    bestOf(sources, (each) => rankEntry(each, from)),
    bestOf(destinations, (each) => rankEntry(each, to)),
  ]
  if (ranks.includes(undefined)) return undefined
  const place = order.indexOf(category.filter(Boolean).join('+'))
  return [place, ...ranks.flatMap((rank) => rank ?? []), row.created_at, row.id]
}

type Facts = { from: Endpoint; to: Endpoint; name: string | undefined }

function winner(rows: Iterable<Route>, protocols: string[], facts: Facts): string | undefined {
  return [...rows]
    .filter((row) => row.protocols.some((protocol) => protocols.includes(protocol)))
    .flatMap((row) => {
      const rank = rankRoute(row, facts.from, facts.to, facts.name)
      return rank ? [{ row, rank }] : []
    })
    .toSorted((a, b) => compare(a.rank, b.rank))[0]?.row.id
}

const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

// Few values, so that routes meet often.
const ips = [
  '10.0.0.1',
  '10.0.0.0/24',
  '10.0.0.9/8',
  '0.0.0.0/0',
  '10.0.0.1/32',
  '::ffff:10.0.0.1',
  '::ffff:10.0.0.2',
  'fd00::1',
  'fd00::1/128',
  'fd00::/8',
  'fd00::/64',
  '::/0',
]
const entryOf = fc
  .record({
    ip: fc.option(fc.constantFrom(...ips)),
    port: fc.option(fc.constantFrom(0, 80, 81)),
  })
  .filter(({ ip, port }) => ip !== null || port !== null)
const sniOf = fc.constantFrom(
  'a.x.com',
  'A.x.com.',
  'b.x.com',
  '*.x.com',
  '*.a.x.com',
  '*.com',
  'a.*',
  'a.x.*',
  'b.x.*',
)
const listOf = <T>(each: fc.Arbitrary<T>) =>
  fc.option(fc.array(each, { minLength: 1, maxLength: 3 }), { freq: 2 })
/** So many entries beside the others that the route is not laid out combination by combination. */
const many = Array.from({ length: 40 }, (_, index) => `10.5.${index}.0/24`)
const routeOf = fc
  .record({
    id: fc.constantFrom(...ids),
    created_at: fc.nat(2),
    protocols: fc.constantFrom(['tcp'], ['tls'], ['tls_passthrough'], ['tcp', 'tls'], ['udp']),
    snis: listOf(sniOf),
    sources: listOf(entryOf),
    destinations: listOf(entryOf),
    wide: fc.boolean(),
  })
  .map(({ wide: isWide, ...fields }) => {
    const widen = (list: AddressMatch[] | null) => isWide && list && [...list, ...entries(...many)]
    const sources = widen(fields.sources) || fields.sources
    const destinations = widen(fields.destinations) || fields.destinations
    return route({ ...fields, sources, destinations })
  })
/** Routes that set both sides and nearly all match the same session, with many combinations or with few. */
const crowdedOf = fc
  .record({
    id: fc.constantFrom(...ids),
    created_at: fc.nat(2),
    from: fc.constantFrom('10.0.0.1:80', '10.0.0.1', '10.0.0.0/24:80', ':80', '10.0.0.0/24'),
    to: fc.constantFrom('10.0.0.1', '10.0.0.0/24:80', ':80', '10.0.0.0/8'),
    wide: fc.boolean(),
  })
  .map(({ id, created_at, from, to, wide }) => {
    const others = wide ? many : []
    const [sources, destinations] = [entries(from, ...others), entries(to, ...others)]
    return route({ id, created_at, sources, destinations })
  })
const stepOf = (routes: fc.Arbitrary<Route>) =>
  fc.oneof({ weight: 4, arbitrary: routes }, { weight: 1, arbitrary: fc.constantFrom(...ids) })
const endpointOf = fc.record({
  address: fc.constantFrom(
    '10.0.0.1',
    '::ffff:10.0.0.1',
    '10.0.0.2',
    '10.5.3.9',
    '11.0.0.1',
    'fd00::1',
    'fd00::2',
    'fe80::1',
    'unix:/run/x',
  ),
  port: fc.constantFrom(0, 80, 81, 82),
})
const crowdedFacts = fc.record({
  from: fc.constant({ address: '10.0.0.1', port: 80 }),
  to: fc.constantFrom({ address: '10.0.0.1', port: 80 }, { address: '10.0.0.2', port: 81 }),
  name: fc.constant(undefined),
})
const factsOf = fc.record({
  from: endpointOf,
  to: endpointOf,
  name: fc.constantFrom(undefined, 'a.x.com', 'b.x.com', 'c.a.x.com', 'a.x.org', 'x.com', 'a'),
})

const worlds = [
  ['all kinds of routes', routeOf, factsOf],
  ['a crowd on one session', crowdedOf, crowdedFacts],
] as const

test.each(worlds)(
  'equals asking every route, after any changes: %s',
  (_, routes, sight) => {
    const input = fc.tuple(
      fc.array(stepOf(routes), { minLength: 1, maxLength: 25 }),
      fc.array(sight, { minLength: 1, maxLength: 12 }),
    )
    const check = fc.property(input, ([steps, sessions]) => {
      const table = new RouteTable()
      const rows = new Map<string, Route>()
      for (const step of steps) {
        if (typeof step === 'string') {
          table.delete(step)
          rows.delete(step)
        } else {
          table.put(step)
          rows.set(step.id, step)
        }
        for (const facts of sessions.slice(0, 2)) expectSame(table, rows, facts)
      }
      for (const facts of sessions) expectSame(table, rows, facts)
      for (const id of rows.keys()) table.delete(id)
      expect(table.empty).toBe(true)
    })
    fc.assert(check, { numRuns: 120 })
  },
  60_000,
)

function expectSame(table: RouteTable, rows: ReadonlyMap<string, Route>, facts: Facts): void {
  const { from, to, name } = facts
  const all = [...rows.values()]
  const plain = winner(all, ['tcp'], { from, to, name: undefined })
  const tls = winner(all, ['tls', 'tls_passthrough'], facts)
  const anyName = all.map((row) => ({ ...row, snis: null }))
  const couldBe = winner(anyName, ['tls', 'tls_passthrough'], facts) !== undefined
  expect(table.matchPlain(from, to)?.id).toBe(plain)
  expect(table.matchTls(from, to, name)?.id).toBe(tls ?? winner(all, ['tcp'], facts))
  const candidates = table.candidates(from, to)
  expect([candidates.plain?.id, candidates.tls]).toEqual([plain, couldBe])
}
