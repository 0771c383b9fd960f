import { write, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { LogTarget } from '../../settings/paths.ts'
import { type LogDescriptor, openLog } from './log-descriptor.ts'

export interface LineWriterOptions {
  readonly target: LogTarget
  /** Bytes that may wait to be written; default 4 MiB. */
  readonly limit?: number
  /** The line that tells how many lines were lost; written as soon as there is room again. */
  dropped(count: number): string
  /** Called once when writing or reopening starts to fail, not again until a write has succeeded. */
  failed(error: Error): void
}

/** How soon to try again, in milliseconds: a full pipe often and then less often, any other error seldom. */
const retry = { first: 10, last: 250, failure: 1000 }
/** The longest that a process waits for a reader that does not read, in milliseconds. */
const patience = { flush: 1000, flushSync: 250 }

/**
 * Writes whole lines, those of one turn of the event loop together, one asynchronous write at a time. Nobody who logs
 * is ever held up or thrown at: when the reader stops or the disk is full, lines wait up to the limit and further ones
 * are dropped and counted.
 */
export class LineWriter {
  readonly #options: LineWriterOptions
  readonly #limit: number
  #log: LogDescriptor | undefined
  /** Replaced while a write to it was under way. */
  #retired: LogDescriptor | undefined
  #lines: string[] = []
  /** What a write has left over; it goes before the lines. */
  #rest: Buffer = Buffer.alloc(0)
  #pending = 0
  #dropped = 0
  #writing = false
  #turn: NodeJS.Immediate | undefined
  #retry: NodeJS.Timeout | undefined
  #wait = retry.first
  #failing = false
  readonly #idle = new Set<() => void>()

  /** @throws the file system's error when the target cannot be opened */
  constructor(options: LineWriterOptions) {
    this.#options = options
    this.#limit = options.limit ?? 4 * 1_048_576
    if (options.target !== 'off') this.#log = openLog(options.target)
  }

  /** Takes a line without its newline. */
  write(line: string): void {
    if (!this.#log) return
    if (!this.#take(line)) this.#dropped += 1
    this.#schedule()
  }

  /** Opens the path again, after a rotation; a failure is reported and the old file stays in use. */
  reopen(): void {
    const { target } = this.#options
    if (!this.#log || typeof target === 'string') return
    try {
      const before = this.#log
      this.#log = openLog(target)
      if (this.#writing && !this.#retired) this.#retired = before
      else before.close()
      this.#pump()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Resolves once every line is written, or after a second: then with false. */
  async flush(): Promise<boolean> {
    if (this.#isIdle()) return true
    const stop = new AbortController()
    const written = new Promise<boolean>((resolve) => {
      const done = () => resolve(true)
      this.#idle.add(done)
      stop.signal.addEventListener('abort', () => this.#idle.delete(done))
    })
    this.#pump()
    const late = delay(patience.flush, false, { signal: stop.signal }).catch(() => false)
    const result = await Promise.race([written, late])
    stop.abort()
    return result
  }

  /**
   * For exits that cannot wait: writes what is pending before it returns, or gives up after 250 ms. A write that is
   * under way ends by itself: an exiting process waits for it.
   */
  flushSync(): boolean {
    const deadline = performance.now() + patience.flushSync
    this.#reportDropped()
    while (this.#waiting() && performance.now() < deadline) {
      if (!this.#writeNow(this.#next())) return false
    }
    return !this.#waiting()
  }

  /** Flushes and takes no further lines. */
  async close(): Promise<void> {
    await this.flush()
    const log = this.#log
    this.#log = undefined
    this.#lines = []
    clearTimeout(this.#retry)
    if (this.#writing) this.#retired ??= log
    else log?.close()
  }

  #take(line: string): boolean {
    const text = `${line}\n`
    const size = Buffer.byteLength(text)
    if (this.#pending + size > this.#limit) return false
    this.#lines.push(text)
    this.#pending += size
    return true
  }

  #schedule(): void {
    if (this.#turn || this.#writing || this.#retry) return
    this.#turn = setImmediate(() => this.#pump())
  }

  /** Whether there is more than what a write under way has taken. */
  #waiting(): boolean {
    return this.#rest.length > 0 || this.#lines.length > 0
  }

  #isIdle(): boolean {
    return !this.#writing && this.#pending === 0 && this.#dropped === 0
  }

  #pump(): void {
    clearImmediate(this.#turn)
    clearTimeout(this.#retry)
    this.#turn = undefined
    this.#retry = undefined
    if (this.#writing || !this.#log) return
    this.#reportDropped()
    const chunk = this.#next()
    if (chunk.length === 0) return
    this.#writing = true
    write(this.#log.fd, chunk, (error, written) => this.#settle(chunk, error, written))
  }

  #settle(chunk: Buffer, error: NodeJS.ErrnoException | null, written: number): void {
    this.#writing = false
    this.#retired?.close()
    this.#retired = undefined
    if (error) return this.#postpone(chunk, error)
    this.#succeed(chunk, written)
    if (this.#pending > 0 || this.#dropped > 0) this.#pump()
    if (!this.#isIdle()) return
    for (const done of this.#idle) done()
    this.#idle.clear()
  }

  #succeed(chunk: Buffer, written: number): void {
    this.#rest = join(chunk.subarray(written), this.#rest)
    this.#pending -= written
    this.#wait = retry.first
    this.#failing = false
  }

  #postpone(chunk: Buffer, error: NodeJS.ErrnoException): void {
    this.#rest = join(chunk, this.#rest)
    const full = error.code === 'EAGAIN'
    if (!full) this.#fail(error)
    this.#retry = setTimeout(() => this.#pump(), full ? this.#wait : retry.failure).unref()
    this.#wait = Math.min(this.#wait * 2, retry.last)
  }

  #fail(error: unknown): void {
    if (this.#failing) return
    this.#failing = true
    this.#options.failed(error instanceof Error ? error : new Error(String(error)))
  }

  /** Waits until half of the space is free, so that a long jam is told in one line. */
  #reportDropped(): void {
    if (this.#dropped === 0 || this.#pending > this.#limit / 2) return
    if (this.#take(this.#options.dropped(this.#dropped))) this.#dropped = 0
  }

  /** What to write next: the rest of the last write, else as many whole lines as stay together. */
  #next(): Buffer {
    if (this.#rest.length > 0) {
      const rest = this.#rest
      this.#rest = Buffer.alloc(0)
      return rest
    }
    let [length, count] = [0, 0]
    for (const line of this.#lines) {
      length += Buffer.byteLength(line)
      if (count > 0 && length > (this.#log?.atomic ?? 0)) break
      count += 1
    }
    return Buffer.from(this.#lines.splice(0, count).join(''))
  }

  #writeNow(chunk: Buffer): boolean {
    if (!this.#log) return false
    try {
      this.#succeed(chunk, writeSync(this.#log.fd, chunk))
      return true
    } catch (error) {
      this.#rest = join(chunk, this.#rest)
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        this.#fail(error)
        return false
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      return true
    }
  }
}

/** The second is empty unless a synchronous flush ran beside an asynchronous write. */
function join(first: Buffer, second: Buffer): Buffer {
  return second.length === 0 ? first : Buffer.concat([first, second])
}
