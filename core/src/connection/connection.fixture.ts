import type { Counters, Summary } from '@kong-ts/pdk'
import { HostSelections } from '../balancing/host-selections.ts'
import type { Names } from '../balancing/names.ts'
import { FakeNames, poolsOf } from '../balancing/pools.fixture.ts'
import type { Pools } from '../balancing/pools.ts'
import { Queues } from '../balancing/queues.ts'
import { configurationWith, type counted } from '../gateway/configuration.fixture.ts'
import { instanceHost } from '../pipeline/instances.fixture.ts'
import type { Inbound, Outbound, Peeked, Relay, RelayEnd, Secured } from '../transport/transport.ts'
import { TransportError } from '../transport/transport.ts'
import type { Host, Limits } from './host.ts'
import { LiveConnections } from './live-connections.ts'

/** For the tests: what happened to a fake connection, in order. */
export type Events = string[]

type Fake<T> = Partial<{ [K in keyof T]: T[K] }>

const remote = { address: '10.0.0.1', port: 4000 }
const local = { address: '10.0.0.2', port: 5555 }

function unexpected(what: string): never {
  throw new Error(`${what} was not expected`)
}

/** For the tests: an accepted connection whose peer is a few functions. */
export function fakeInbound(events: Events, fake: Fake<Inbound> = {}): Inbound {
  const peek = fake.peek ?? (() => unexpected('peek'))
  return {
    remote,
    local,
    closed: false,
    peek,
    look: async (atLeast, patience, see) => {
      const { bytes, ended } = await peek(atLeast, patience)
      return see(bytes, ended)
    },
    skip: () => unexpected('skip'),
    say: () => unexpected('say'),
    secure: () => unexpected('secure'),
    connect: () => unexpected('connect'),
    relay: () => unexpected('relay'),
    end: (farewell) => void events.push(farewell ? `end ${String(farewell.length)}` : 'end'),
    reset: () => void events.push('reset'),
    ...fake,
  }
}

export function fakeSecured(events: Events, serverName: string | undefined): Secured {
  return { ...fakeInbound(events), tls: { version: 'TLSv1.3', cipher: 'x' }, serverName }
}

export function fakeOutbound(events: Events, fake: Fake<Outbound> = {}): Outbound {
  return {
    remote: { address: '10.0.0.3', port: 1 },
    peek: () => unexpected('peek of the upstream'),
    discard: () => void events.push('discard'),
    ...fake,
  }
}

export function fakeRelay(end: RelayEnd, fake: Fake<Relay> = {}): Relay {
  return {
    bytes: { clientReceived: 1, upstreamSent: 2, upstreamReceived: 3, clientSent: 4 },
    done: Promise.resolve(end),
    tell: (hear) => queueMicrotask(() => hear(end)),
    throttle: () => undefined,
    stop: () => undefined,
    ...fake,
  }
}

/** For the tests: these bytes are there already. */
export function shows(bytes: Uint8Array, ended = false): () => Promise<Peeked> {
  return () => Promise.resolve({ bytes, ended })
}

export function failsTo(
  failure: ConstructorParameters<typeof TransportError>[0],
): () => Promise<never> {
  return () => Promise.reject(new TransportError(failure, `it is ${failure}`))
}

export interface FakeHost extends Host {
  readonly records: Summary[]
  readonly errors: string[]
}

const nothing = (): void => undefined
const silent = { debug: nothing, info: nothing, warn: nothing }

const limits: Limits = {
  proxyTimeout: 1000,
  prereadTimeout: 1000,
  prereadSilence: 10,
  prereadBuffer: 1024,
  handshakeTimeout: 1000,
  maxConnections: 0,
  keepAlive: 0,
}

/** For the tests: a worker around a connection; `records` is what the access log hears. */
export async function hostOf(
  plugins: readonly ReturnType<typeof counted>[] = [],
  more: {
    readonly limits?: Partial<Limits>
    readonly counters?: Counters
    readonly names?: Names
    readonly pools?: Pools
  } = {},
): Promise<FakeHost> {
  const names = more.names ?? new FakeNames()
  const records: Summary[] = []
  const errors: string[] = []
  return {
    configuration: await configurationWith(more.pools ?? poolsOf().pools, ...plugins),
    limits: { ...limits, ...more.limits },
    counters: more.counters ?? instanceHost.counters,
    queues: new Queues(nothing),
    preconnections: { take: () => undefined },
    names,
    hosts: new HostSelections(names, { now: Date.now, random: () => 0.999 }),
    isOwn: () => false,
    log: { ...silent, error: (_fields, message) => void errors.push(message) },
    trusted: undefined,
    clientCertificate: undefined,
    senders: { has: () => true },
    live: new LiveConnections(),
    records,
    errors,
    record: (summary) => void records.push(summary),
  }
}
