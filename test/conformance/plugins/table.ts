import type { Dial } from '@kong-ts/pdk/testing'
import bandwidthLimiting from '../../../plugins/bandwidth-limiting/src/index.ts'
import ipRestriction from '../../../plugins/ip-restriction/src/index.ts'
import connectionLimiting from '../../../plugins/connection-limiting/src/index.ts'
import requestTermination from '../../../plugins/request-termination/src/index.ts'
import mtlsAuth from '../../../plugins/mtls-auth/src/index.ts'
import rateLimiting from '../../../plugins/rate-limiting/src/index.ts'
import maintenance from '../../../sdk-examples/1-maintenance/src/index.ts'
import protocolGuard from '../../../sdk-examples/2-protocol-guard/src/index.ts'
import { plugins } from './plugins.ts'
import {
  alsoClosed,
  bob,
  on,
  opaque,
  silent,
  small,
  stranger,
  tls,
  toClosed,
  toOther,
  withCa,
  type Case,
  type Place,
} from './cases.ts'

/** Every plugin of a family with the dial that reaches its phase. */
function family(pattern: RegExp): Case[] {
  return [...plugins.keys()]
    .filter((name) => pattern.test(name))
    .flatMap((name) => {
      const global = /-accept\b/.test(name)
      return small(name, [/-tls\b/.test(name) ? tls : {}], {
        global,
        ...(global && { config: ({ from }: Place) => ({ from }) }),
      })
    })
}

const shortQueue = { size: 1, timeout: 1 }

const bundled: readonly Case[] = [
  on(ipRestriction, [{}], {
    title: 'ip-restriction lets in',
    config: ({ from }) => ({ allow: [`${from}/32`] }),
  }),
  on(ipRestriction, [{}], {
    title: 'ip-restriction shuts out',
    config: () => ({ allow: ['10.0.0.0/8'] }),
  }),
  on(ipRestriction, [tls], {
    title: 'ip-restriction denies',
    helloOnly: true,
    config: () => ({ deny: ['127.0.0.0/8'], message: 'go away' }),
  }),
  on(rateLimiting, [{}, {}, {}], { title: 'rate-limiting by ip', config: () => ({ day: 2 }) }),
  on(rateLimiting, [{}, {}, { bytes: '' }], {
    title: 'rate-limiting by route',
    config: () => ({ day: 2, hour: 1, limit_by: 'route', error_message: 'slow down' }),
  }),
  on(rateLimiting, [{}, {}, {}], {
    title: 'rate-limiting by a sliding window',
    config: () => ({ hour: 2, algorithm: 'sliding-window' }),
  }),
  on(rateLimiting, [{}, {}, {}], {
    title: 'rate-limiting by a sliding window of the database',
    config: () => ({ day: 2, algorithm: 'sliding-window', policy: 'cluster' }),
  }),
  on(rateLimiting, [{}, {}, {}], {
    title: 'rate-limiting by counts that are exchanged later',
    config: () => ({ day: 2, policy: 'cluster', sync_rate: 60 }),
  }),
  on(rateLimiting, [{}, {}, { ...tls }], {
    title: 'rate-limiting by a bucket, with a queue',
    config: () => ({ year: 1, burst: 2, algorithm: 'token-bucket', queue: shortQueue }),
  }),
  on(rateLimiting, [{ service: null }, { service: null }], {
    title: 'rate-limiting without a service',
    config: () => ({ day: 1, limit_by: 'service' }),
  }),
  on(connectionLimiting, [{}, {}, tls], {
    title: 'connection-limiting finds room',
    config: () => ({ limit: 1 }),
  }),
  on(connectionLimiting, [{ service: null }, { retries: 0 }], {
    title: 'connection-limiting gives places back',
    config: () => ({ limit: 1, limit_by: 'route' }),
    down: true,
  }),
  on(requestTermination, [{}, silent, tls, { ...tls, service: null }], {
    title: 'request-termination says a text',
    config: () => ({ message: 'closed' }),
  }),
  on(requestTermination, [opaque], {
    title: 'request-termination says an alert',
    helloOnly: true,
  }),
  on(requestTermination, [{ bytes: 'PING\r\n' }, { bytes: '' }], {
    title: 'request-termination answers',
    config: () => ({ protocol: 'redis' }),
  }),
  on(bandwidthLimiting, [{}, tls], {
    title: 'bandwidth-limiting by rates',
    config: () => ({ upload: 1_000_000, download: 1_000_000, scope: 'key' }),
  }),
  on(bandwidthLimiting, [{ bytes: 'abcdef' }, { bytes: 'abcdef' }, { bytes: 'abcdef' }], {
    title: 'bandwidth-limiting by a quota',
    config: () => ({ quota: { month: 9, count: 'upload' } }),
  }),
  on(mtlsAuth, [{ sni: 'db.example' }, { sni: 'db.example', certificate: bob }], {
    config: (_, { cert }) => ({ ca_certificates: [cert] }),
  }),
  on(mtlsAuth, [{ sni: 'db.example', certificate: bob }], {
    title: 'mtls-auth with a list of names',
    config: (_, { cert }) => ({ ca_certificates: [cert], allowed_names: ['DNS:alice.example'] }),
  }),
  on(maintenance, [{}, { bytes: '', ends: false }]),
  on(maintenance, [{}], {
    title: 'maintenance with a reason',
    config: () => ({ reason: 'back at noon' }),
  }),
  on(
    protocolGuard,
    [
      { bytes: 'SSH-2.0-OpenSSH_9.6\r\n' },
      { bytes: 'GET / HTTP/1.1\r\n' },
      { bytes: '' },
      { bytes: 'SSH-' },
      { ...silent, bytes: 'SSH-' },
    ],
    {
      config: () => ({ expect: 'ssh' }),
    },
  ),
].flat()

const plain: readonly Case[] = [
  small('idle', [
    {},
    { bytes: '' },
    { bytes: ['in ', 'two'] },
    { bytes: Buffer.alloc(100_000, 'x'), reply: Buffer.alloc(50_000, 'y') },
  ]),
  small(
    'idle',
    [
      { ...silent, reply: '220 welcome\r\n' },
      { ...silent, reply: [] },
      { bytes: 'ask', ends: false, reply: 'answer' },
    ],
    { title: 'a client that does not end first' },
  ),
  small('idle', [{ bytes: '', reply: 'all the same' }], { title: 'a half-closed client' }),
  small('idle', [{ service: null }, { ...silent, service: null }], { title: 'no service' }),
  small('rejects-preread-kindly', [{ service: null }, tls], {
    title: 'a refusal before there is no service',
    helloOnly: true,
  }),
  small('rejects-balance-kindly', [tls], { title: 'a farewell over TLS' }),
  small('speaks-over-tls', [{}, tls, { ...tls, service: null }]),
  small('rejects-balance-kindly', [opaque], { title: 'a farewell beside TLS', helloOnly: true }),
  small('rejects-preread-kindly', [silent, { bytes: Buffer.alloc(50_000, 'z') }], {
    title: 'a farewell over unread bytes',
  }),
].flat()

const peeking: readonly Case[] = [
  small('peeks', [{}, { bytes: '' }, { bytes: ['h', 'ello'] }, tls], {
    title: 'peeks at one byte',
  }),
  small('peeks', [{}, { bytes: 'abc' }, { bytes: ['he', 'l', 'lo'] }], {
    title: 'peeks at five bytes',
    config: () => ({ count: 5 }),
  }),
  small('peeks', [{ bytes: 'abc', ends: false }, silent], {
    title: 'peeks at more than comes',
    config: () => ({ count: 5 }),
  }),
  small('peeks', [tls], {
    title: 'peeks at more than the ClientHello',
    config: () => ({ count: 16_384 }),
    helloOnly: true,
  }),
  small('peeks', [{ bytes: Buffer.alloc(40_000, 'p') }], {
    title: 'peeks at as much as it may',
    config: () => ({ count: 16_384 }),
  }),
  small('peeks', [{}], { title: 'peeks at nothing', config: () => ({ count: 0 }) }),
  small('peeks', [{}], { title: 'peeks at too much', config: () => ({ count: 16_385 }) }),
  small('peeks', [opaque], { title: 'peeks at TLS that passes', config: () => ({ count: 3 }) }),
  small('peeks-twice', [{}, { bytes: ['h', 'e', 'l', 'l', 'o'] }, { bytes: 'abc' }]),
  small('peeks-at-once', [{}, { bytes: 'abc' }]),
  small('peeks-and-writes'),
  ...['catches-and-goes-on', 'catches-and-rejects', 'catches-and-throws', 'does-not-wait'].flatMap(
    (name) => small(name, [{}, { bytes: 'abc', ends: false }]),
  ),
  small('peeks-too-late'),
  small('guards-the-opening', [
    { bytes: 'yes please' },
    { bytes: 'no' },
    { bytes: 'nope', ends: false },
  ]),
  small('hands-on', [{}, tls, opaque, { service: null }]),
].flat()

const starting: Dial = { protocol: 'tcp', sni: 'db.example', bytes: ['REQUEST.', 'hello'] }

const speaking: readonly Case[] = [
  small('speaks-first', [{}, { ...silent, reply: 'welcome' }]),
  ...['unasked', 'and-rejects', 'and-throws', 'too-much', 'too-late'].flatMap((how) =>
    small(`speaks-${how}`),
  ),
  small('speaks-first', [tls], { title: 'speaks into TLS' }),
  small('takes', [{}, { bytes: 'a' }, { bytes: ['h', 'ello'] }]),
  small('takes', [{ bytes: 'abc', ends: false }], {
    title: 'takes more than comes',
    config: () => ({ count: 5 }),
  }),
  small('takes', [{}], { title: 'takes nothing', config: () => ({ count: 0 }) }),
  small('takes', [tls], { title: 'takes from a ClientHello' }),
  small('asks-and-takes', [
    { bytes: 'alice and the rest' },
    { bytes: ['al', 'ic', 'e'] },
    { bytes: 'carol' },
    { bytes: 'al', ends: false },
  ]),
  small('starts-tls', [starting]),
  small('starts-tls', [{ ...starting, bytes: ['REQUEST.'] }], { title: 'TLS without a word' }),
  small('starts-tls', [tls], { title: 'starts TLS in TLS' }),
].flat()

const deciding: readonly Case[] = [
  small('idle', [tls, { sni: 'DB.Example' }, { alpn: ['h2', 'http/1.1'] }, { ...tls, bytes: '' }], {
    title: 'TLS ends here',
  }),
  small('idle', [opaque], { title: 'TLS passes' }),
  small('terminates', [tls, opaque]),
  small('passes', [tls, opaque]),
  small('speaks-protocols', [
    tls,
    { alpn: ['h2', 'postgresql'] },
    { alpn: ['http/1.1'] },
    { sni: 'db.example' },
  ]),
  small('decides-late', [{ sni: 'pass.example' }, { sni: 'end.example' }]),
  small('asks-for-a-certificate', [tls, { ...tls, certificate: bob }], { config: withCa }),
  small('asks-for-a-certificate', [{ ...tls, certificate: stranger }], {
    title: 'asks for a certificate of nobody',
  }),
  small('insists-on-a-certificate', [tls, { ...tls, certificate: bob }], { config: withCa }),
  small('insists-on-a-certificate', [{ ...tls, certificate: stranger }], {
    title: 'insists on a certificate of nobody',
  }),
].flat()

const balancing: readonly Case[] = [
  small('has-no-opinion'),
  small('has-no-opinion', [{}, { retries: 0 }], { title: 'the only target refuses', down: true }),
  small('takes-the-listed'),
  small('takes-its-own', [{}, tls], { config: toOther }),
  small('takes-its-own-late', [{}], { config: toOther }),
  small('takes-its-own', [{ retries: 2 }, { retries: 0 }], {
    title: 'its own target refuses',
    config: toClosed,
  }),
  small('takes-its-own-first', [{}, { retries: 0 }], { config: toClosed }),
  small('takes-its-own-first', [{}], {
    title: 'both targets refuse',
    config: () => alsoClosed,
    down: true,
  }),
  small('gives-up', [{}], { config: toClosed }),
  small('adds-a-weight', [{}], { config: toOther }),
  small('takes-its-own-over-tls', [{}, tls], {
    config: ({ other }, { cert }) => ({ ...other, ca: cert }),
  }),
  small('takes-its-own-in-time', [{}, tls], { config: toOther }),
  small('takes-a-wrong-name', [{}], { config: toOther }),
  small('takes-no-time', [{}], { config: toOther }),
].flat()

/** Over other connections than the plain one of their families. */
const elsewhere: readonly Case[] = [
  small('throws-balance', [tls], { title: 'throws over TLS' }),
  small('throws-proxy', [tls, opaque], { title: 'throws with an upstream behind TLS' }),
  small('throws-log', [tls, { service: null }], { title: 'throws when it is over' }),
  small('brackets-download', [{ ...silent, reply: '220 welcome' }, tls], {
    title: 'transforms what a server says first',
  }),
  small('doubles-upload', [tls, { bytes: Buffer.alloc(200_000, 'd') }], { title: 'doubles much' }),
  small('observes', [tls, { bytes: '' }, { ...silent, reply: 'hello' }], {
    title: 'observes more',
  }),
].flat()

const shaping = family(
  /^(observes|doubles|brackets|swallows|fails|bursts|hangs-up|sees|attaches|throttles|unthrottles|draws)/,
)

export const cases: readonly Case[] = [
  ...bundled,
  ...plain,
  ...family(/^rejects-/),
  ...family(/^throws-/),
  ...family(/^answers-/),
  ...peeking,
  ...speaking,
  ...deciding,
  ...balancing,
  ...elsewhere,
  ...shaping,
]
