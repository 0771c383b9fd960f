import type { Target } from '@kong-ts/pdk'
import { performance } from 'node:perf_hooks'
import type { Ask } from '../../balancing/picker.ts'
import { peerKey, type Place } from '../../balancing/places.ts'
import type { Ending } from '../../errors/endings.ts'
import { TransportError, type Outbound, type TransportFailure } from '../../transport/transport.ts'
import { Ended } from '../ended.ts'
import type { Matched } from '../phases/preread.ts'
import type { Interruptible } from '../host.ts'
import { openUpstream, type Aim, type Met } from './open-upstream.ts'
import { locate, wordNowhere } from './source.ts'

const endings: { readonly [F in TransportFailure]?: Ending } = {
  refused: 'upstream.connect.refused',
  timeout: 'upstream.connect.timeout',
  unreachable: 'upstream.connect.unreachable',
  dns: 'upstream.dns.failed',
  handshake: 'upstream.tls.failed',
  unverified: 'upstream.tls.unverified',
  // Whether an RST that follows an accept at once is met by the connect or by the relay is a matter of luck.
  reset: 'upstream.reset',
}

function endingOf(failure: TransportFailure, isTls: boolean): Ending {
  if (failure === 'reset' && isTls) return 'upstream.tls.failed'
  return endings[failure] ?? 'upstream.connect.failed'
}

/** An upstream that answers. */
export interface Reached {
  readonly outbound: Outbound
  /** Milliseconds that its connect took, whenever that was. */
  readonly took: number
}

/** One attempt to connect to a target, noted in the session's tries. */
export function reach(matched: Matched, aim: Aim): Promise<Reached | Ended> {
  return new Promise((resolve, reject) => {
    new Attempt(matched, aim, resolve, reject).begin()
  })
}

/**
 * A connect may take a minute; a session that is stopped, by a drain's deadline say, does not wait for it. One promise
 * and this object: there is one for each connection.
 */
class Attempt implements Met, Interruptible {
  ip: string | undefined
  took: number | undefined
  isTls = false
  readonly #matched: Matched
  readonly #aim: Aim
  readonly #startedAt = Date.now()
  readonly #begun = performance.now()
  readonly #resolve: (reached: Reached | Ended) => void
  readonly #reject: (error: unknown) => void
  #isOver = false

  constructor(
    matched: Matched,
    aim: Aim,
    resolve: (reached: Reached | Ended) => void,
    reject: (error: unknown) => void,
  ) {
    this.#matched = matched
    this.#aim = aim
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    const { target, peer } = this.#aim
    try {
      if (peer) this.#open(peer.place)
      else this.#openLater(placeOf(this.#matched, target))
    } catch (error) {
      this.#fail(error)
    }
  }

  #openLater(finding: Promise<Place>): void {
    finding
      .then((place) => this.#open(place))
      .catch((error: unknown) => {
        this.#fail(error)
      })
  }

  #open(place: Place): void {
    const { session } = this.#matched
    const { ip, port } = place
    this.ip = ip
    if (session.host.isOwn(ip, port)) {
      this.#note('gateway.target.loop')
      this.#end(new Ended('gateway.target.loop', peerKey(ip, port)))
      return
    }
    session.waiting = this
    openUpstream(this.#matched, this.#aim, place, this).then(
      (outbound) => {
        this.#succeed(outbound)
      },
      (error: unknown) => {
        this.#fail(error)
      },
    )
  }

  interrupt(): void {
    this.#fail(new TransportError('cancelled', 'the session was stopped'))
  }

  #succeed(outbound: Outbound): void {
    // Nobody waits for the upstream any more.
    if (this.#isOver) return outbound.discard()
    this.ip = outbound.remote.address
    this.#note(undefined)
    this.#end({ outbound, took: this.took ?? performance.now() - this.#begun })
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    const { session } = this.#matched
    if (session.stopped) return this.#end(session.stopped)
    if (!(error instanceof TransportError)) {
      this.#isOver = true
      session.waiting = undefined
      return this.#reject(error)
    }
    const failure = endingOf(error.failure, this.isTls)
    this.#note(failure)
    this.#end(new Ended(failure, error.message))
  }

  #end(reached: Reached | Ended): void {
    this.#isOver = true
    this.#matched.session.waiting = undefined
    this.#resolve(reached)
  }

  #note(failure: Ending | undefined): void {
    const { session } = this.#matched
    const { host, port } = this.#aim.target
    const { ip } = this
    const startedAt = this.#startedAt
    const duration = performance.now() - this.#begun
    // A literal is half the size of the same object put together by spreading, and stays as long as the connection.
    if (failure === undefined && ip !== undefined) {
      session.note({ host, port, ip, startedAt, duration })
    } else {
      const more = { ...(ip !== undefined && { ip }), ...(failure !== undefined && { failure }) }
      session.note({ host, port, startedAt, duration, ...more })
    }
  }
}

/** @throws TransportError when a name that a plugin has chosen has no address */
async function placeOf(matched: Matched, target: Target): Promise<Place> {
  const { selection, error } = await locate(matched, target)
  const peer = selection.pick(anybody)
  if (typeof peer === 'string') throw new TransportError('dns', wordNowhere(target, error))
  return peer.place
}

const anybody: Ask = { tried: new Set(), key: () => undefined }
