import type { Endpoint } from '@kong-ts/pdk'
import { describe, expect, test } from 'vitest'
import type { Route } from '../entities/rows.ts'
import { entries, route } from './route.fixture.ts'
import { RouteTable } from './route-table.ts'

const client: Endpoint = { address: '10.1.2.3', port: 40_000 }
const listener: Endpoint = { address: '192.168.0.1', port: 5555 }
const name = 'a.b.example.com'

function tableOf(...routes: Route[]): RouteTable {
  const table = new RouteTable()
  for (const row of routes) table.put(row)
  return table
}

const sni = { snis: [name] }
const sources = { sources: entries('10.1.2.3') }
const destinations = { destinations: entries('192.168.0.1') }
const from = (...texts: string[]) => ({ ...sni, sources: entries(...texts) })
const to = (...texts: string[]) => ({ ...sni, destinations: entries(...texts) })

type Set = Partial<Route>
/** Each line is better than the next one, for one reason. All match the same session. */
const ladders: Record<string, Set[]> = {
  'what is set': [
    { ...sni, ...sources, ...destinations },
    { ...sni, ...sources },
    { ...sni, ...destinations },
    { ...sources, ...destinations },
    sni,
    sources,
    destinations,
    {},
  ],
  'the category comes before all else': [
    { snis: ['a.*'], sources: entries(':40000') },
    { snis: [name], destinations: entries('192.168.0.1:5555') },
  ],
  'the SNI': [
    { snis: [name] },
    { snis: ['*.b.example.com'] },
    { snis: ['*.example.com'] },
    { snis: ['*.com'] },
    { snis: ['a.b.example.*'] },
    { snis: ['a.b.*'] },
    { snis: ['a.*'] },
  ],
  'the best SNI of a route counts': [{ snis: ['*.com', name] }, { snis: ['*.b.example.com'] }],
  'the SNI comes before the source': [
    { snis: [name], sources: entries('10.0.0.0/8') },
    { snis: ['*.example.com'], sources: entries('10.1.2.3:40000') },
  ],
  'the source': [
    from('10.1.2.3:40000'),
    from('10.1.2.3'),
    from('10.1.2.0/24:40000'),
    from('10.0.0.0/8:40000'),
    from(':40000'),
    from('10.1.2.0/24'),
    from('10.0.0.0/8'),
    from('0.0.0.0/0'),
  ],
  'the best source of a route counts': [from('10.0.0.0/8', '10.1.2.3'), from(':40000')],
  'a source that does not match does not count': [
    from('10.1.2.0/24'),
    from('10.9.9.9:40000', '10.0.0.0/8'),
  ],
  'the source comes before the destination': [
    { sources: entries('10.1.2.0/24'), destinations: entries('192.0.0.0/8') },
    { sources: entries('10.0.0.0/8'), destinations: entries('192.168.0.1:5555') },
  ],
  'the destination': [
    to('192.168.0.1:5555'),
    to('192.168.0.1'),
    to('192.168.0.0/24:5555'),
    to('192.168.0.0/16:5555'),
    to(':5555'),
    to('192.168.0.0/24'),
    to('192.168.0.0/16'),
    to('0.0.0.0/0'),
  ],
  'a full prefix is an address': [from('10.1.2.3/32:40000'), from('10.1.2.3/32'), from(':40000')],
}

/** Both orders of age and id, so that neither can be the reason. */
const steps = Object.entries(ladders).flatMap(([ladder, sets]) =>
  sets.slice(1).flatMap((worse, index) =>
    [0, 1].map((older) => {
      const better = sets[index] ?? {}
      const rows = [
        route({ id: older ? 'z' : 'a', created_at: older, protocols: ['tls'], ...better }),
        route({ id: 'm', created_at: 0, protocols: ['tls'], ...worse }),
      ] as const
      return [`${ladder} (${index}, ${older ? 'younger' : 'same age'})`, ...rows] as const
    }),
  ),
)

test.each(steps)('%s', (_, better, worse) => {
  expect(tableOf(better, worse).matchTls(client, listener, name)?.id).toBe(better.id)
  expect(tableOf(worse, better).matchTls(client, listener, name)?.id).toBe(better.id)
  const left = tableOf(worse, better)
  left.delete(better.id)
  expect(left.matchTls(client, listener, name)?.id).toBe(worse.id)
})

test('the older route, then the smaller id', () => {
  const rows = [
    route({ id: 'c', created_at: 1 }),
    route({ id: 'a', created_at: 2 }),
    route({ id: 'b', created_at: 2 }),
  ]
  for (const order of [rows, rows.toReversed(), [...rows.slice(1), ...rows.slice(0, 1)]]) {
    const table = tableOf(...order)
    const seen = rows.map(() => {
      const best = table.matchPlain(client, listener)
      table.delete(best?.id ?? '')
      return best?.id
    })
    expect(seen).toEqual(['c', 'a', 'b'])
    expect(table.empty).toBe(true)
  }
})

describe('server names', () => {
  const cases: [string, string, boolean][] = [
    ['a.example.com', 'a.example.com', true],
    ['A.Example.COM.', 'a.example.com', true],
    ['a.example.com', 'b.example.com', false],
    ['*.example.com', 'x.y.z.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'badexample.com', false],
    ['*.Example.com.', 'a.example.com', true],
    ['example.*', 'example.com', true],
    ['example.*', 'example.co.uk', true],
    ['example.*', 'example', false],
    ['example.*', 'a.example.com', false],
    ['example.*', 'examples.com', false],
  ]
  test.each(cases)('%s and %s: %s', (pattern, given, matches) => {
    const table = tableOf(route({ id: 'r', protocols: ['tls'], snis: [pattern] }))
    expect(table.matchTls(client, listener, given)?.id).toBe(matches ? 'r' : undefined)
    expect(table.matchTls(client, listener, undefined)).toBeUndefined()
  })
})

describe('addresses', () => {
  const cases: [string, string, number, boolean][] = [
    ['10.0.0.7', '::ffff:10.0.0.7', 1, true],
    ['10.0.0.7', '::ffff:a00:7', 1, true],
    ['[::ffff:10.0.0.7]', '10.0.0.7', 1, true],
    ['[::ffff:10.0.0.7]/104', '10.9.9.9', 1, true],
    ['10.9.9.9/8', '10.0.0.1', 1, true],
    ['10.0.0.0/8', '11.0.0.1', 1, false],
    ['0.0.0.0/0', '1.2.3.4', 1, true],
    ['0.0.0.0/0', 'fd00::1', 1, false],
    ['[::]/0', '1.2.3.4', 1, false],
    ['[::]/0', 'fd00::1', 1, true],
    ['[FD00:0:0::1]', 'fd00::1', 1, true],
    ['[fd00::1]', 'fd00::1%eth0', 1, true],
    ['[fd00:1:2:3:4::9]/65', 'fd00:1:2:3:7fff::1', 1, true],
    ['[fd00:1:2:3:4::9]/65', 'fd00:1:2:3:8000::1', 1, false],
    ['[fd00::]/8:80', 'fd12::1', 80, true],
    ['[fd00::]/8:80', 'fd12::1', 81, false],
    ['10.0.0.7:80', '10.0.0.7', 80, true],
    ['10.0.0.7:80', '10.0.0.7', 81, false],
    [':80', 'unix:/run/a.sock', 0, false],
    [':0', 'unix:/run/a.sock', 0, false],
    ['10.0.0.0/8', 'unix:/run/a.sock', 0, false],
    ['0.0.0.0/0', 'unix:/run/a.sock', 0, false],
  ]
  test.each(cases)('%s and %s port %i: %s', (text, address, port, matches) => {
    for (const side of ['sources', 'destinations'] as const) {
      const table = tableOf(route({ id: 'r', [side]: entries(text) }))
      const given = { address, port }
      const found =
        side === 'sources' ? table.matchPlain(given, listener) : table.matchPlain(client, given)
      expect(found?.id).toBe(matches ? 'r' : undefined)
    }
  })

  test('an entry that nobody can read matches nothing, and leaves nothing behind', () => {
    const bad = { ip: '10.0.0.0/99', port: null }
    const table = tableOf(
      route({ id: 'r', sources: [bad], destinations: entries(':5555') }),
      route({ id: 's', sources: entries(':40000'), destinations: [bad] }),
    )
    expect(table.matchPlain(client, listener)).toBeUndefined()
    table.delete('r')
    table.delete('s')
    expect(table.empty).toBe(true)
  })

  test('an empty list sets nothing', () => {
    const table = tableOf(route({ id: 'r', sources: [], destinations: [], snis: [] }))
    expect(table.matchPlain(client, listener)?.id).toBe('r')
  })
})

describe('protocols', () => {
  test('a plain route serves TLS only when no TLS route does', () => {
    const table = tableOf(
      route({ id: 'plain', sources: entries('10.1.2.3:40000') }),
      route({ id: 'tls', protocols: ['tls_passthrough'], snis: ['*.example.com'] }),
    )
    expect(table.matchTls(client, listener, name)?.id).toBe('tls')
    expect(table.matchTls(client, listener, 'other.test')?.id).toBe('plain')
    expect(table.matchTls(client, listener, undefined)?.id).toBe('plain')
  })

  test('TLS routes, and routes with SNIs, never match plain bytes', () => {
    const table = tableOf(
      route({ id: 'a', protocols: ['tls'] }),
      route({ id: 'b', protocols: ['tls_passthrough'] }),
      route({ id: 'c', protocols: ['tcp', 'tls'], snis: [name] }),
    )
    expect(table.matchPlain(client, listener)).toBeUndefined()
    expect(table.candidates(client, listener)).toEqual({ plain: undefined, tls: true })
  })

  test('routes of other protocols take no part', () => {
    const table = tableOf(
      route({ id: 'u', protocols: ['udp'] }),
      route({ id: 'h', protocols: ['http'] }),
    )
    expect(table.matchPlain(client, listener)).toBeUndefined()
    expect(table.matchTls(client, listener, name)).toBeUndefined()
    expect(table.candidates(client, listener)).toEqual({ plain: undefined, tls: false })
    table.delete('u')
    table.delete('h')
    expect(table.empty).toBe(true)
  })
})

describe('candidates', () => {
  const tls = route({ id: 't', protocols: ['tls'], ...sni, ...sources })
  const elsewhere = { address: '10.9.9.9', port: 1 }

  test('bytes are looked at only where a TLS route can match the addresses', () => {
    const table = tableOf(tls, route({ id: 'p' }))
    expect(table.candidates(client, listener)).toMatchObject({ plain: { id: 'p' }, tls: true })
    expect(table.candidates(elsewhere, listener)).toMatchObject({ plain: { id: 'p' }, tls: false })
  })

  test('a replaced route counts once', () => {
    const table = tableOf(tls)
    table.put({ ...tls, sources: null })
    expect(table.candidates(elsewhere, listener).tls).toBe(true)
    table.put(tls)
    expect(table.candidates(elsewhere, listener).tls).toBe(false)
    table.put({ ...tls, protocols: ['tcp'] })
    expect(table.candidates(client, listener).tls).toBe(false)
    table.delete('t')
    expect(table.empty).toBe(true)
  })
})
