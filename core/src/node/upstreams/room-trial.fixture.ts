import type * as upstreams from '../../balancing/messages.ts'
import type { Peer } from '../../balancing/peer.ts'
import { poolsOf, targetRow, upstreamRow } from '../../balancing/pools.fixture.ts'
import type { Pool } from '../../balancing/pool.ts'
import { UpstreamsEnd } from '../../balancing/upstreams-end.ts'
import { fakeInbound, hostOf } from '../../connection/connection.fixture.ts'
import { Ended } from '../../connection/ended.ts'
import { findRoom } from '../../connection/room/find-room.ts'
import { Session } from '../../connection/session.ts'
import { routeRow, serviceRow } from '../../gateway/rows.fixture.ts'
import { TransportError } from '../../transport/transport.ts'
import { Ledger } from '../counters/ledger.ts'
import { LeasedCounters } from '../counters/leased-counters.ts'
import type * as counters from '../counters/messages.ts'
import { QueueLedger } from './queue-ledger.ts'

/** What passes between a worker and the supervisor, in the order of one channel. */
type Up = { counters: counters.ToSupervisor } | { upstreams: upstreams.ToSupervisor }
type Down = { counters: counters.ToWorker } | { upstreams: upstreams.ToWorker }

/** A client of the upstream. */
export interface Client {
  readonly session: Session
  readonly reset: () => void
  state: 'waiting' | 'served' | 'gone'
  target: string | undefined
}

export class FakeWorker {
  readonly up: Up[] = []
  readonly down: Down[] = []
  readonly clients: Client[] = []
  readonly counters = new LeasedCounters(
    (message) => void this.up.push({ counters: message }),
    Date,
  )
  readonly upstreams = new UpstreamsEnd((message) => void this.up.push({ upstreams: message }))
  readonly tell = (message: upstreams.ToWorker): void => void this.down.push({ upstreams: message })
  isDead = false
}

export interface Limits {
  readonly upstream: number
  readonly targets: readonly number[]
  readonly queue: number
}

/** For the tests: workers with channels that deliver when told, and clients of one upstream. */
export class RoomTrial {
  readonly limits: Limits
  readonly workers = new Map<number, FakeWorker>()
  readonly #ledger = new Ledger(
    (worker, message) => void this.workers.get(worker)?.down.push({ counters: message }),
    Date,
  )
  readonly #queues = new QueueLedger()
  readonly #host: Awaited<ReturnType<typeof hostOf>>
  readonly #pool: Pool
  readonly #peers: readonly Peer[]

  constructor(limits: Limits, host: Awaited<ReturnType<typeof hostOf>>) {
    this.limits = limits
    this.#host = host
    const { pools } = poolsOf()
    const more = { max_connections: limits.upstream, queue_size: limits.queue }
    pools.putUpstream(upstreamRow('u', more))
    limits.targets.forEach((most, index) => {
      pools.putTarget(targetRow('u', `10.0.0.${index}:1`, { max_connections: most }))
    })
    const pool = pools.named('u.test')
    if (!pool) throw new Error('there is a pool')
    this.#pool = pool
    this.#peers = [...pool.peers]
    for (const number of [1, 2, 3]) this.#start(number)
  }

  #start(number: number): void {
    const worker = new FakeWorker()
    this.workers.set(number, worker)
    this.#ledger.join(number)
    this.#queues.join(worker)
  }

  async arrive(worker: FakeWorker): Promise<void> {
    const lost = Promise.withResolvers<never>()
    lost.promise.catch(() => undefined)
    const peek = () => lost.promise
    const host = { ...this.#host, counters: worker.counters, queues: worker.upstreams.queues }
    const session = new Session(fakeInbound([], { peek }), host)
    const reset = () => lost.reject(new TransportError('reset', 'gone'))
    const client: Client = { session, reset, state: 'waiting', target: undefined }
    worker.clients.push(client)
    const matched = { session, route: routeRow('r', 's'), service: serviceRow('s'), silent: false }
    const found = await findRoom({ ...matched, protocol: 'tcp' }, this.#pool, (full) => {
      const peer = this.#peers.find((each) => !full.has(each))
      return peer ? { target: { host: peer.place.ip, port: 1 }, peer } : 'tried'
    })
    if (typeof found === 'string' || found instanceof Ended) this.leave(client)
    else {
      client.state = 'served'
      client.target = found.peer?.place.target?.id
    }
  }

  leave(client: Client): void {
    client.session.permits?.release()
    client.state = 'gone'
  }

  /** One message on its way up, or the news of a death behind the last of them. */
  hear(number: number): void {
    const worker = this.workers.get(number)
    const message = worker?.up.shift()
    if (!worker) return
    if (message) this.#receive(number, worker, message)
    else if (worker.isDead) {
      this.workers.delete(number)
      this.#ledger.drop(number)
      this.#queues.leave(worker)
      this.#start(number + 10)
    }
  }

  #receive(number: number, worker: FakeWorker, message: Up): void {
    if ('counters' in message) this.#ledger.receive(number, message.counters)
    else this.#queues.receive(worker, message.upstreams)
  }

  deliver(worker: FakeWorker): void {
    const message = worker.down.shift()
    if (!message || worker.isDead) return
    if ('counters' in message) worker.counters.receive(message.counters)
    else worker.upstreams.receive(message.upstreams)
  }

  /** Until nothing is on its way any more. */
  async settle(): Promise<void> {
    for (let busy = true; busy;) {
      busy = false
      for (const [number, worker] of this.workers) {
        if (worker.up.length + worker.down.length === 0 && !worker.isDead) continue
        busy = true
        this.deliver(worker)
        await settled()
        this.hear(number)
        await settled()
      }
    }
  }

  get clients(): readonly Client[] {
    const living = [...this.workers.values()].filter(({ isDead }) => !isDead)
    return living.flatMap(({ clients }) => clients)
  }

  served(target?: string): number {
    const all = this.clients.filter(({ state }) => state === 'served')
    return all.filter((client) => target === undefined || client.target === target).length
  }

  /** What is wrong at any time: too many connections. */
  problems(): string[] {
    const over = (served: number, most: number, what: string): string[] =>
      served > most ? [`${served} instead of ${most} connections of ${what}`] : []
    return [
      ...over(this.served(), this.limits.upstream, 'the upstream'),
      ...this.limits.targets.flatMap((most, index) => {
        const target = `10.0.0.${index}:1`
        return over(this.served(target), most, target)
      }),
    ]
  }

  /** What is wrong when nothing is on its way: somebody waits while there is room, or too many do. */
  problemsAtRest(): string[] {
    const { upstream, targets, queue } = this.limits
    const waiting = this.clients.filter(({ state }) => state === 'waiting').length
    const room = Math.min(
      upstream,
      targets.reduce((sum, most) => sum + most, 0),
    )
    return [
      ...this.problems(),
      ...(waiting > queue ? [`${waiting} wait`] : []),
      ...(waiting > 0 && this.served() < room ? [`${waiting} wait though there is room`] : []),
    ]
  }
}

/** Lets settled promises be heard. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve()
}
