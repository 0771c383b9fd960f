import type { EntryCounts } from './entry-counts.ts'
import type { Log } from '../kit.ts'
import { Outbox } from './outbox.ts'

/** Bytes of a page: what a busy gateway logs within the time that lines wait for others is written at once. */
const pageSize = 262_144
/** How many full pages are not waited with any longer. */
const pagesAtOnce = 4
/** Bytes that the waiting pages may have together. */
const capacityBytes = 16 * 1_048_576
/** How many pages are kept to be used again, by all boxes of the process together: there may be thousands of them. */
const mostSpares = 8
/** Bytes that a UTF-16 code unit has at most in UTF-8. */
const widest = 3
const lineEnd = 10

const spares: Page[] = []

export interface LineOutboxOptions {
  /**
   * Writes whole lines, each with its end. A rejection means: try the same bytes again later. They are valid until the
   * promise is settled, and the same buffer each time.
   */
  readonly write: (bytes: Buffer, signal: AbortSignal) => Promise<void>
  readonly log: Log
  /** Where what becomes of the lines is counted. */
  readonly counts?: EntryCounts | undefined
  /**
   * Milliseconds that a line waits for others to go out with it, unless a mebibyte waits before; by default what the turn
   * brings goes out.
   */
  readonly linger?: number
}

/**
 * Lines on their way to somewhere slow, as bytes in memory that is used again: text that waits is copied by each
 * collection of garbage that it lives through, which cost more than writing it. Like an outbox, `push` never waits and
 * never throws, and a failed write is repeated. At most 16 MiB wait; beyond it the oldest are dropped, counted and logged,
 * a page (256 KiB) at a time.
 */
export class LineOutbox {
  readonly #counts: EntryCounts | undefined
  readonly #pages: Outbox<Page>
  /** Takes what comes, until it is full or on its way. */
  #open: Page | undefined
  #isClosing = false

  constructor({ write, log, counts, linger = 0 }: LineOutboxOptions) {
    this.#counts = counts
    this.#pages = new Outbox<Page>({
      deliver: async (batch, signal) => {
        const open = this.#open
        if (open && batch.includes(open)) this.#open = undefined
        for (const page of batch) await page.writeBy(write, signal)
        keep(batch)
      },
      log,
      counts,
      linger,
      // The last one is still open.
      enough: pagesAtOnce + 1,
      batch: pagesAtOnce,
      countOf: ({ left }) => left,
      sizeOf: ({ size }) => size,
      capacityBytes,
    })
  }

  /** @param line without its end */
  push(line: string): void {
    if (this.#open?.add(line)) return this.#counts?.came()
    const page = pageFor(line)
    page.add(line)
    // A larger one may be dropped at once.
    this.#open = this.#isClosing || page.size !== pageSize ? undefined : page
    this.#pages.push(page)
  }

  /** Writes what waits, for at most so many milliseconds; the rest is dropped, counted and logged. */
  close(milliseconds: number): Promise<void> {
    this.#isClosing = true
    this.#open = undefined
    return this.#pages.close(milliseconds)
  }
}

function pageFor(line: string): Page {
  const needed = roomFor(line)
  return needed > pageSize ? new Page(needed) : (spares.pop() ?? new Page(pageSize))
}

function keep(written: readonly Page[]): void {
  for (const page of written) {
    if (page.size !== pageSize || spares.length === mostSpares) continue
    page.clear()
    spares.push(page)
  }
}

class Page {
  readonly #bytes: Buffer
  #length = 0
  /** What is written, once nothing is added any more; one object, however often it is tried. */
  #sealed: Buffer | undefined
  #isWritten = false
  #lines = 0

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  get size(): number {
    return this.#bytes.length
  }

  /** How many lines are still to be written. */
  get left(): number {
    return this.#isWritten ? 0 : this.#lines
  }

  /** @returns false where there is no room */
  add(line: string): boolean {
    if (this.#length + roomFor(line) > this.#bytes.length) return false
    this.#length += this.#bytes.write(line, this.#length)
    this.#bytes[this.#length++] = lineEnd
    this.#lines += 1
    return true
  }

  /** What was written is not written again when the batch that it is in is repeated. */
  async writeBy(write: LineOutboxOptions['write'], signal: AbortSignal): Promise<void> {
    if (this.#isWritten) return
    this.#sealed ??= this.#bytes.subarray(0, this.#length)
    await write(this.#sealed, signal)
    this.#isWritten = true
  }

  clear(): void {
    this.#length = 0
    this.#sealed = undefined
    this.#isWritten = false
    this.#lines = 0
  }
}

function roomFor(line: string): number {
  return line.length * widest + 1
}
