import { fetchSource } from './fetch-source.ts'
import { KeptCopy } from './kept-copy.ts'
import type { Kit, LogFields, OnceOptions } from '../kit.ts'
import { readSourceFile } from './read-source-file.ts'
import { reasonOf } from '../reason-of.ts'
import { nameOfSource, type Edition, type SourceTerms } from './source.ts'

/** Who follows a source. */
export interface Follower<T> extends SourceTerms<T> {
  /** Milliseconds; what another worker has read is good enough when it is not older. */
  readonly maxAge: number
  /** What the log tells of it, such as how many entries it has. */
  describe(content: T): LogFields
  /** Called with what is in force from now on. */
  follow(content: T): void
}

/**
 * A file or a URL that is read again now and then, once for all workers of the node (`kit.once`); what was good last is
 * in force. URLs are asked whether they have changed (RFC 9110 section 13).
 */
export class FollowedSource<T> {
  readonly #source: string
  readonly #follower: Follower<T>
  readonly #kit: Pick<Kit, 'log' | 'once' | 'signal' | 'clock'>
  readonly #kept: KeptCopy | undefined
  #edition: Edition<T> | undefined
  /** From when on it is in force here, in milliseconds since the epoch. */
  #since: number | undefined
  /** What this worker has found when it looked for all of them. */
  #found: Edition<T> | undefined
  #complaint: string | undefined
  #isReading = false

  /** @param source a path from the root, or a URL of http or https */
  constructor(
    source: string,
    follower: Follower<T>,
    kit: Pick<Kit, 'log' | 'once' | 'signal' | 'clock'>,
  ) {
    const { keepIn } = follower
    this.#source = source
    this.#follower = follower
    this.#kit = kit
    const isKept = !source.startsWith('/') && keepIn !== undefined
    this.#kept = isKept ? new KeptCopy(keepIn, source) : undefined
  }

  /** Reads it for the first time. @throws with the name of the source and what is wrong */
  async open(): Promise<void> {
    const once = this.#kit.once
    try {
      this.#follow(await this.#read())
    } catch (error) {
      // A worker that takes the place of another one goes on with the edition that the node has, however old it is.
      this.#follow(await once(this.#source, (signal) => this.#readKept(error, signal)))
      this.#complain(reasonOf(error))
    }
  }

  /** Reads it again; whatever is wrong is logged, and the last good edition stays. Never rejects. */
  async reload(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      this.#follow(await this.#read())
    } catch (error) {
      this.#complain(reasonOf(error))
    } finally {
      this.#isReading = false
    }
  }

  /**
   * Looks whether it has changed, in one worker of the node; what is new goes to the others, and only then: it may have
   * megabytes.
   */
  async #read(): Promise<Edition<T>> {
    const { once } = this.#kit
    const look = async (signal: AbortSignal): Promise<string> => {
      const edition = await this.#look(signal)
      if (edition.id !== this.#edition?.id) {
        await once(this.#source, () => Promise.resolve(edition), { maxAge: 0 })
      }
      this.#found = edition
      return edition.id
    }
    const { maxAge } = this.#follower
    const id = await once(`whether ${this.#source} has changed`, look, { maxAge })
    const own = [this.#found, this.#edition].find((edition) => edition?.id === id)
    this.#found = undefined
    return own ?? once(this.#source, (signal) => this.#look(signal), this.#newer)
  }

  /** What was made since this worker has what it has: it keeps that, too, and would be given it again. */
  get #newer(): OnceOptions {
    if (this.#since === undefined) return {}
    return { maxAge: Math.max(0, this.#kit.clock.now() - this.#since - 1) }
  }

  #look(signal: AbortSignal): Promise<Edition<T>> {
    return this.#source.startsWith('/')
      ? readSourceFile(this.#source, this.#edition, this.#follower, signal)
      : fetchSource(this.#source, this.#edition, this.#follower, signal, (bytes) =>
          this.#keep(bytes),
        )
  }

  /** @throws as the source itself has failed, where nothing is kept */
  async #readKept(failure: unknown, signal: AbortSignal): Promise<Edition<T>> {
    try {
      if (this.#kept) return await this.#kept.read(this.#follower, signal)
    } catch {
      // A first start has nothing to fall back on: what is wrong with the source is what matters.
    }
    throw new Error(`${nameOfSource(this.#source)}: ${reasonOf(failure)}`, { cause: failure })
  }

  /** What cannot be kept is in force all the same. */
  async #keep(bytes: Uint8Array): Promise<void> {
    try {
      await this.#kept?.write(bytes)
    } catch (error) {
      const told = { source: nameOfSource(this.#source), error: reasonOf(error) }
      this.#kit.log.warn(told, 'the list cannot be kept for the next start')
    }
  }

  #follow(edition: Edition<T>): void {
    const { log } = this.#kit
    const follower = this.#follower
    const now = follower.describe(edition.content)
    const told = { source: nameOfSource(this.#source), ...now }
    if (this.#complaint !== undefined) log.info(told, 'the list can be read again')
    this.#complaint = undefined
    const isSame = edition.id === this.#edition?.id
    const before = this.#edition && follower.describe(this.#edition.content)
    // The same bytes may come with other marks.
    this.#edition = edition
    this.#since = this.#kit.clock.now()
    if (isSame) return
    const isOther = before && JSON.stringify(before) !== JSON.stringify(now)
    if (isOther) log.info({ ...told, before }, 'the list has changed')
    follower.follow(edition.content)
  }

  /** Once, not at every interval. */
  #complain(error: string): void {
    if (this.#kit.signal.aborted || error === this.#complaint) return
    this.#complaint = error
    const told = { source: nameOfSource(this.#source), error }
    this.#kit.log.warn(told, 'the list cannot be read; the last good one stays in force')
  }
}
