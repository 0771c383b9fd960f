/** A node in memory for the tests of kits: channels that deliver when told, and a clock that is moved by hand. */
import { setImmediate as turn } from 'node:timers/promises'
import { numbersIn, type Numbers } from '../../store/numbers.ts'
import { migrate, readMigrations } from '../../store/migrate.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { logOf } from '../node.fixture.ts'
import { KitDesk } from './kit-desk.ts'
import { KitEnd } from './kit-end.ts'
import type { ToSupervisor, ToWorker } from './messages.ts'

/** For the tests: numbers in memory, and how often they were asked. */
export async function countedNumbers(): Promise<{
  numbers: Numbers
  asked: { adds: number; reads: number }
}> {
  const database = openSqlite(':memory:')
  await migrate(database, await readMigrations())
  const inside = numbersIn(database.light)
  const asked = { adds: 0, reads: 0 }
  const numbers: Numbers = {
    ...inside,
    add: (...args) => ((asked.adds += 1), inside.add(...args)),
    read: (...args) => ((asked.reads += 1), inside.read(...args)),
  }
  return { numbers, asked }
}

const noNumbers: Numbers = {
  add: () => Promise.reject(new Error('no numbers here')),
  read: () => Promise.reject(new Error('no numbers here')),
  look: () => Promise.reject(new Error('no numbers here')),
  swap: () => Promise.reject(new Error('no numbers here')),
  sweep: () => Promise.resolve(false),
  forget: () => Promise.resolve(),
}

/** For the tests: the supervisor's side. */
export function deskOf(numbers: Numbers = noNumbers, clock: { now(): number } = Date): KitDesk {
  return new KitDesk({ numbers, clock, log: logOf().log })
}

/** For the tests: a supervisor and its workers. */
export class KitNode {
  time = 0
  readonly clock = { now: () => this.time }
  readonly desk: KitDesk
  readonly #workers = new Set<KitTestWorker>()

  constructor(numbers?: Numbers) {
    this.desk = deskOf(numbers, this.clock)
  }

  start(): KitTestWorker {
    const worker = new KitTestWorker(this.clock)
    this.#workers.add(worker)
    this.desk.join(worker)
    return worker
  }

  /** The supervisor hears what it has said, then of its death. */
  async kill(worker: KitTestWorker): Promise<void> {
    for (const message of worker.outbox.splice(0)) this.desk.receive(worker, message)
    this.#workers.delete(worker)
    this.desk.leave(worker)
    await this.drain()
  }

  /** Delivers everything, until nothing is under way. */
  async drain(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet++) {
      for (const worker of this.#workers) {
        for (const message of worker.outbox.splice(0)) {
          quiet = 0
          this.desk.receive(worker, structuredClone(message))
        }
        for (const message of worker.inbox.splice(0)) {
          quiet = 0
          worker.end.receive(structuredClone(message))
        }
      }
      await turn()
    }
  }
}

export class KitTestWorker {
  readonly inbox: ToWorker[] = []
  readonly outbox: ToSupervisor[] = []
  readonly end: KitEnd

  constructor(clock: { now(): number }) {
    this.end = new KitEnd((message) => void this.outbox.push(message), clock)
  }

  tellKit(message: ToWorker): void {
    this.inbox.push(message)
  }
}
