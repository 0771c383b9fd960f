import type { Kit } from '@kong-ts/pdk'
import { AddressList } from './address-list.ts'
import { fetchList } from './fetch-list.ts'
import { KeptList } from './kept-list.ts'
import { readFile } from './read-file.ts'
import { nameOf, type Edition, type Terms } from './source.ts'

type Surroundings = Pick<Kit, 'log' | 'once' | 'signal'>

/** The list of a file or a URL, read once for all workers of the node; the last good edition is in force. */
export class SourceList {
  readonly #source: string
  readonly #terms: Terms
  readonly #kit: Surroundings
  /** Milliseconds; another worker's edition that is not older is good enough. */
  readonly #maxAge: number
  readonly #kept: KeptList | undefined
  #edition: Edition | undefined
  #list: AddressList | undefined
  #complaint: string | undefined
  #isReading = false

  constructor(source: string, maxAge: number, terms: Terms, kit: Surroundings) {
    this.#source = source
    this.#maxAge = maxAge
    this.#terms = terms
    this.#kit = kit
    const isUrl = !source.startsWith('/')
    this.#kept =
      isUrl && terms.keepIn !== undefined ? new KeptList(terms.keepIn, source) : undefined
  }

  has(address: string): boolean {
    return this.#list?.has(address) === true
  }

  /** Reads it for the first time. @throws with the name of the source and what is wrong */
  async open(): Promise<void> {
    const once = this.#kit.once
    try {
      this.#follow(await this.#read())
    } catch (error) {
      // A worker that takes the place of another one goes on with the edition that the node has, however old it is.
      this.#follow(await once(this.#source, (signal) => this.#readKept(error, signal)))
      this.#complain(wording(error))
    }
  }

  /** Reads it again; whatever is wrong is logged, and the last good edition stays. */
  async reload(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      this.#follow(await this.#read())
    } catch (error) {
      this.#complain(wording(error))
    } finally {
      this.#isReading = false
    }
  }

  #read(): Promise<Edition> {
    const produce = (signal: AbortSignal): Promise<Edition> =>
      this.#source.startsWith('/')
        ? readFile(this.#source, this.#edition, this.#terms, signal)
        : fetchList(this.#source, this.#edition, this.#terms, signal, (text) => this.#keep(text))
    return this.#kit.once(this.#source, produce, { maxAge: this.#maxAge })
  }

  /** @throws as the source itself has failed, where nothing is kept */
  async #readKept(failure: unknown, signal: AbortSignal): Promise<Edition> {
    try {
      if (this.#kept) return await this.#kept.read(this.#terms, signal)
    } catch {
      // A first start has nothing to fall back on: what is wrong with the source is what matters.
    }
    throw new Error(`${nameOf(this.#source)}: ${wording(failure)}`, { cause: failure })
  }

  /** A list that cannot be kept is in force all the same. */
  async #keep(text: string): Promise<void> {
    try {
      await this.#kept?.write(text)
    } catch (error) {
      const told = { source: nameOf(this.#source), error: wording(error) }
      this.#kit.log.warn(told, 'the list cannot be kept for the next start')
    }
  }

  #follow(edition: Edition): void {
    const { log } = this.#kit
    const told = { source: nameOf(this.#source), entries: edition.entries }
    if (this.#complaint !== undefined) log.info(told, 'the list can be read again')
    this.#complaint = undefined
    if (edition === this.#edition) return
    const before = this.#edition?.entries ?? edition.entries
    if (edition.entries !== before) log.info({ ...told, before }, 'the list has changed')
    this.#edition = edition
    this.#list = new AddressList(edition.ranges)
  }

  /** Once, not at every interval. */
  #complain(error: string): void {
    if (this.#kit.signal.aborted || error === this.#complaint) return
    this.#complaint = error
    const told = { source: nameOf(this.#source), error }
    this.#kit.log.warn(told, 'the list cannot be read; the last good one stays in force')
  }
}

function wording(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
