import type { Addon } from './addon.ts'

/** What waits for a record about a socket. */
export interface Waiter {
  readonly id: number
  /** `ready`: 1 when the deadline has passed; `connected` and `secured`: an errno, -1 for the deadline. */
  woken(code: number): void
}

/** What waits for the end of a relay. */
export interface Ending {
  readonly id: number
  /** Who ended it in the low byte, how above; `numbers` from `at` on are the counters. */
  ended(code: number, numbers: Float64Array, at: number): void
}

/** What a limit tells: that it is low, or that somebody waits. */
export interface Source {
  readonly id: number
  ranLow(): void
}

/** A listener. */
export interface Door {
  /**
   * The words of the record from `at` on: family, address and port of the client, then of the gateway; how many
   * milliseconds ago it was.
   */
  accepted(id: number, words: Int32Array, at: number): void
  closed(): void
}

/** Records in a batch; the bytes of a look stand behind them. */
const batch = 256
/** Sizes of a record, in words of 32 bits and in numbers of 64, and where its parts begin. */
const recordWords = 12
const recordNumbers = 6
const firstWord = 4
const firstNumber = 2

const accepted = 1
const ready = 2
const connected = 3
const ended = 4
const secured = 6
const low = 7

/** An id is a generation above an index. */
const indexes = 2 ** 22

/** What the engine reports, in batches, to whoever waits for it. One for each thread. */
export class Hub {
  readonly addon: Addon
  /** Where a look that answers with a number has put its bytes; the next one writes over them. */
  readonly window: Uint8Array
  readonly #words: Int32Array
  readonly #numbers: Float64Array
  readonly #waiters: (Waiter | undefined)[] = []
  readonly #endings: (Ending | undefined)[] = []
  readonly #sources: (Source | undefined)[] = []
  readonly #doors: (Door | undefined)[] = []

  constructor(addon: Addon) {
    this.addon = addon
    const memory = addon.open(() => this.#takeAll())
    if (typeof memory === 'number') throw new Error(`epoll cannot be used (errno ${-memory})`)
    this.#words = new Int32Array(memory)
    this.#numbers = new Float64Array(memory)
    this.window = Buffer.from(memory, batch * recordWords * Int32Array.BYTES_PER_ELEMENT)
  }

  /** Beside an answer: whether there is more, or a port. */
  get code(): number {
    return this.#words[3] ?? 0
  }

  /** The numbers that an answer has put down. */
  number(at: number): number {
    return this.#numbers[firstNumber + at] ?? 0
  }

  await(waiter: Waiter): void {
    this.#waiters[waiter.id % indexes] = waiter
  }

  awaitEnd(ending: Ending): void {
    this.#endings[ending.id % indexes] = ending
  }

  /** For as long as the limit lives. */
  attend(source: Source): void {
    this.#sources[source.id % indexes] = source
  }

  /** Nothing more is told to it. */
  neglect(source: Source): void {
    const index = source.id % indexes
    if (this.#sources[index] === source) this.#sources[index] = undefined
  }

  open(listener: number, door: Door): void {
    this.#doors[listener % indexes] = door
  }

  #takeAll(): void {
    for (let count = this.addon.take(); count > 0; count = this.addon.take()) {
      for (let record = 0; record < count; record++) {
        try {
          this.#dispatch(record * recordWords, record * recordNumbers)
        } catch (error) {
          // One fault must not swallow the records behind it.
          queueMicrotask(() => {
            throw error
          })
        }
      }
    }
  }

  #word(at: number): number {
    return this.#words[at] ?? 0
  }

  #dispatch(at: number, numberAt: number): void {
    const index = this.#word(at + 1)
    const id = this.#word(at + 2) * indexes + index
    const code = this.#word(at + 3)
    switch (this.#word(at)) {
      case accepted:
        this.#doors[code]?.accepted(id, this.#words, at + firstWord)
        return
      case ready:
      case connected:
      case secured:
        this.#wake(id, index, code)
        return
      case ended:
        this.#end(id, index, code, numberAt + firstNumber)
        return
      case low:
        this.#runLow(id, index)
        return
      default:
        this.#close(code)
    }
  }

  #wake(id: number, index: number, code: number): void {
    const waiter = this.#waiters[index]
    if (waiter?.id !== id) return
    this.#waiters[index] = undefined
    waiter.woken(code)
  }

  #end(id: number, index: number, code: number, at: number): void {
    const ending = this.#endings[index]
    if (ending?.id !== id) return
    this.#endings[index] = undefined
    ending.ended(code, this.#numbers, at)
  }

  #runLow(id: number, index: number): void {
    const source = this.#sources[index]
    if (source?.id === id) source.ranLow()
  }

  #close(index: number): void {
    const door = this.#doors[index]
    this.#doors[index] = undefined
    door?.closed()
  }
}

const hubs = new WeakMap<Addon, Hub>()

/** The hub of this thread; it is made by the first who needs it. */
export function hubOf(addon: Addon): Hub {
  const hub = hubs.get(addon) ?? new Hub(addon)
  hubs.set(addon, hub)
  return hub
}
