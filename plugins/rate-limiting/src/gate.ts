import { limitKey, limitPhase, reject, slot } from '@kong-ts/pdk'
import type { Awaitable, Balancing, Kit, Rejection, Routed, Slot } from '@kong-ts/pdk'
import { startTimer } from './later.ts'
import type { OpenLimiter } from './open-limiter.ts'
import { patienceOf } from './patience.ts'
import type { Config } from './schema.ts'
import { WaitingRoom } from './waiting-room.ts'
import type { Waited } from './waiting-room.ts'

type Verdict = Rejection | undefined

/** Lets connections in, or waits, or refuses them. */
export class Gate {
  /** Where it is known whose a connection is. */
  readonly phase: 'preread' | 'balance'
  readonly #config: Config
  readonly #open: OpenLimiter
  readonly #room: WaitingRoom | undefined
  /** Left on a connection that was looked at. */
  readonly #seen: Slot<true>

  constructor({ id, config, counters, clock }: Kit<Config>, open: OpenLimiter) {
    this.#seen = slot(`rate-limiting ${id}`)
    this.phase = limitPhase(config)
    this.#config = config
    this.#open = open
    const { limiter, rules } = open
    this.#room =
      config.queue &&
      new WaitingRoom({
        ...config.queue,
        limiter,
        counters,
        later: startTimer,
        patience: () => patienceOf(rules, clock.now()),
      })
  }

  /** Answers at once while the limiter does, and nobody has to wait. */
  admit(conn: Routed | Balancing): Awaitable<Verdict> {
    const who = limitKey(conn, this.#config)
    if (this.#room?.isWaitedFor(who)) return this.#wait(conn, who, this.#room)
    const taken = this.#open.limiter.take(who)
    if (taken === true) return undefined
    return taken === false ? this.#refuse(conn, who) : this.#settle(conn, who, taken)
  }

  /** The same in a phase that is asked again and again until a target is reached: nobody is counted twice. */
  admitOnce(conn: Balancing): Awaitable<Verdict> {
    if (conn.get(this.#seen)) return undefined
    conn.set(this.#seen, true)
    return this.admit(conn)
  }

  close(): Awaitable<void> {
    return this.#open.close()
  }

  async #settle(conn: Routed | Balancing, who: string, taking: Promise<boolean>): Promise<Verdict> {
    try {
      return (await taking) ? undefined : await this.#refuse(conn, who)
    } catch (error) {
      return unknowable(error)
    }
  }

  #refuse(conn: Routed | Balancing, who: string): Awaitable<Verdict> {
    return this.#room ? this.#wait(conn, who, this.#room) : reject(this.#config.error_message)
  }

  async #wait(conn: Routed | Balancing, who: string, room: WaitingRoom): Promise<Verdict> {
    try {
      const waited = await room.wait(who, (signal) => conn.left(signal))
      return waited === 'admitted' ? undefined : reject(this.#word(waited))
    } catch (error) {
      return unknowable(error)
    }
  }

  #word(waited: Exclude<Waited, 'admitted'>): string {
    const { error_message: message, queue } = this.#config
    if (waited === 'full') return `${message}, and the queue is full`
    return waited === 'left' ? 'the client left the queue' : `${message} for ${queue?.timeout} ms`
  }
}

/** Nobody is let in uncounted: whoever would rather be generous says `fault_tolerant`. */
function unknowable(error: unknown): Rejection {
  const why = error instanceof Error ? error.message : String(error)
  return reject(`the rate limit cannot be told: ${why}`)
}
