import type { Schema } from '@kong-ts/pdk'
import { distinct, whenEqual } from './choices.ts'
import type { Check } from './definition.ts'
import type { Fields } from './fields.ts'

/** The last three are ours. */
const sources = [
  'none',
  'consumer',
  'ip',
  'header',
  'cookie',
  'path',
  'query_arg',
  'uri_capture',
  'sni',
  'subnet',
  'slot',
]

/** What a connection is hashed on. */
export const hashOn = { type: 'string', enum: sources, default: 'none' } as const satisfies Schema

const unhashed: ReadonlySet<string> = new Set([
  'least-connections',
  'latency',
  'random-two-choices',
])

/** Kong's order of the two: who asks for a way without hashing gets it, then a hash asks for hashing. */
export function expandHashing(body: Fields, _world: unknown, written: Fields): Fields {
  const { algorithm } = written
  if (typeof algorithm === 'string' && unhashed.has(algorithm)) {
    return { ...body, hash_on: 'none' }
  }
  if (!Object.hasOwn(written, 'hash_on')) return body
  const { hash_on: on } = written
  if (on === null) return { ...body, hash_on: 'none' }
  return { ...body, algorithm: on === 'none' ? 'round-robin' : 'consistent-hashing' }
}

const required = { required: true } as const

/** What a source of the hash needs to be told. */
const needed = [
  ['hash_on', 'header', 'hash_on_header'],
  ['hash_fallback', 'header', 'hash_fallback_header'],
  ['hash_on', 'cookie', 'hash_on_cookie'],
  ['hash_fallback', 'cookie', 'hash_on_cookie'],
  ['hash_on', 'query_arg', 'hash_on_query_arg'],
  ['hash_fallback', 'query_arg', 'hash_fallback_query_arg'],
  ['hash_on', 'slot', 'hash_on_slot'],
  ['hash_fallback', 'slot', 'hash_on_slot'],
  ['hash_on', 'uri_capture', 'hash_on_uri_capture'],
  ['hash_fallback', 'uri_capture', 'hash_fallback_uri_capture'],
] as const

/** What a source that has no name of its own may fall back on: another one, in the order in which Kong names them. */
const ours = ['sni', 'subnet', 'slot']
const others = {
  consumer: ['none', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture', ...ours],
  ip: ['none', 'consumer', 'header', 'cookie', 'path', 'query_arg', 'uri_capture', ...ours],
  path: ['none', 'consumer', 'header', 'cookie', 'query_arg', 'ip', 'uri_capture', ...ours],
}

export const upstreamChecks: readonly Check[] = [
  ...needed.map(([field, value, then]) => whenEqual(field, value, then, required)),
  ...['none', 'cookie'].map((value) =>
    whenEqual('hash_on', value, 'hash_fallback', { one_of: ['none'] }),
  ),
  ...Object.entries(others).map(([value, one_of]) =>
    whenEqual('hash_on', value, 'hash_fallback', { one_of }),
  ),
  distinct('hash_on_header', 'hash_fallback_header'),
  distinct('hash_on_query_arg', 'hash_fallback_query_arg'),
  distinct('hash_on_uri_capture', 'hash_fallback_uri_capture'),
]
