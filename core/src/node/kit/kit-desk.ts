import type { Clock } from '@kong-ts/pdk'
import type { Delta } from '../../entities/rows.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Numbers } from '../../store/numbers.ts'
import { RateLedger } from '../rates/rate-ledger.ts'
import { startLater } from '../workers/start-later.ts'
import type { ErrorLog } from '../logs/log.ts'
import type { ToSupervisor, ToWorker } from './messages.ts'
import { NumbersDesk } from './numbers-desk.ts'
import { OnceLedger } from './once-ledger.ts'

/** A worker, as far as the kits of its plugins are told something; it may be lost with a dead worker. */
export interface KitWorker {
  tellKit(message: ToWorker): void
}

export interface KitDeskOptions {
  readonly numbers: Numbers
  readonly clock: Clock
  readonly log: Pick<ErrorLog, 'debug' | 'warn'>
}

/** The supervisor's side of what the kits of plugins ask for. */
export class KitDesk {
  readonly #options: KitDeskOptions
  readonly #numbers: NumbersDesk
  readonly #once: OnceLedger
  readonly #rates: RateLedger
  readonly #workers = new Map<number, KitWorker>()
  readonly #ids = new Map<KitWorker, number>()
  #joined = 0

  constructor(options: KitDeskOptions) {
    const { numbers, clock } = options
    this.#options = options
    this.#numbers = new NumbersDesk(numbers, clock)
    this.#rates = new RateLedger({
      clock: performance,
      later: startLater,
      send: (id, message) => this.#workers.get(id)?.tellKit(message),
    })
    this.#once = new OnceLedger((id, message) => this.#workers.get(id)?.tellKit(message), clock)
  }

  join(worker: KitWorker): void {
    const id = ++this.#joined
    this.#workers.set(id, worker)
    this.#ids.set(worker, id)
  }

  /** A worker is gone, and everything that it said was received. */
  leave(worker: KitWorker): void {
    const id = this.#ids.get(worker)
    if (id === undefined) return
    this.#ids.delete(worker)
    this.#workers.delete(id)
    this.#once.drop(id)
    this.#rates.drop(id)
  }

  receive(worker: KitWorker, message: ToSupervisor): void {
    const id = this.#ids.get(worker)
    if (id === undefined) return
    if (message.type === 'rates.want') return this.#rates.receive(id, message)
    if (message.type !== 'numbers.ask') return this.#once.receive(id, message)
    void this.#numbers
      .ask(message.asks)
      .then((answers) => worker.tellKit({ type: 'numbers.answer', id: message.id, answers }))
  }

  /** A change was committed: what deleted plugins have counted is forgotten, or expires should the store be away. */
  follow({ changes }: Delta): void {
    const deleted = changes.flatMap((change) =>
      change.op === 'delete' && change.entity === 'plugins' ? [change.id] : [],
    )
    if (deleted.length === 0) return
    this.#options.numbers.forget(deleted).catch((error: unknown) => {
      const why = messageOf(error)
      this.#options.log.warn({ error: why }, 'what deleted plugins have counted is left to expire')
    })
  }

  /** Removes numbers that have expired; what it does not get to is removed the next time. */
  async sweep(): Promise<void> {
    const { numbers, clock, log } = this.#options
    try {
      while (await numbers.sweep(clock.now())) continue
    } catch (error) {
      log.debug({ error: messageOf(error) }, 'expired numbers were not removed')
    }
  }
}
