import { X509Certificate } from 'node:crypto'
import {
  FollowedSource,
  reasonOf,
  type Awaitable,
  type ClientCertificate,
  type Follower,
  type Kit,
} from '@kong-ts/pdk'
import { pathOf, readCertificates } from './certificates.ts'
import { Crl } from './crl.ts'
import { examineLists } from './examine-lists.ts'
import { readCrls, type CrlFacts } from './read-crl.ts'
import { RevocationLists, type Standing } from './revocation-lists.ts'

/** Where the lists come from, and how they are read. */
export interface RevocationOptions extends Pick<
  Follower<unknown>,
  'timeout' | 'limit' | 'keepIn' | 'tls' | 'maxAge'
> {
  readonly authorities: readonly X509Certificate[]
  /** In PEM. */
  readonly texts: readonly string[]
  /** Files and URLs, and the fields that name them. */
  readonly sources: readonly { readonly field: string; readonly at: string }[]
}

type Surroundings = Pick<Kit, 'log' | 'once' | 'signal' | 'clock'>

/** So many certificates are remembered with who issued them: to find that out costs a signature or two. */
const capacity = 1000

/** Judges certificates by the revocation lists of a configuration. */
export class Revocation {
  readonly #options: RevocationOptions
  readonly #kit: Surroundings
  readonly #paths = new Map<string, readonly X509Certificate[]>()
  readonly #sources: FollowedSource<readonly CrlFacts[]>[] = []
  /** Of the configuration, then of each source. */
  readonly #lists: (readonly Crl[])[] = []
  #inForce = new RevocationLists([])

  private constructor(options: RevocationOptions, kit: Surroundings) {
    this.#options = options
    this.#kit = kit
  }

  /** @throws Error naming the field, for a list that cannot be read or is not signed by its authority */
  static async open(options: RevocationOptions, kit: Surroundings): Promise<Revocation> {
    const revocation = new Revocation(options, kit)
    const { texts, sources } = options
    const fixed = texts.map((text, at) =>
      blaming(`crl.${at + 1}`, revocation.#read(Buffer.from(text), undefined)),
    )
    revocation.#follow(0, (await Promise.all(fixed)).flat())
    const opening = sources.map(({ field, at }, place) =>
      blaming(field, revocation.#open(at, place + 1)),
    )
    await Promise.all(opening)
    return revocation
  }

  /** Reads the files and URLs again. Never rejects: the last good lists stay. */
  async reload(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.reload()))
  }

  /** Answers at once, unless a list is asked about an issuer for the first time. */
  standingOf(shown: ClientCertificate): Awaitable<Standing> {
    const path = this.#pathOf(shown)
    if (!path) return { is: 'unknown', why: 'the certificate does not lead to a known authority' }
    return this.#inForce.standingOf(path, this.#kit.clock.now())
  }

  async #read(
    bytes: Buffer,
    before: readonly CrlFacts[] | undefined,
  ): Promise<readonly CrlFacts[]> {
    const lists = await readCrls(bytes)
    await examineLists(lists, before, this.#options.authorities)
    const now = this.#kit.clock.now()
    for (const { nextUpdate } of lists.filter((list) => list.nextUpdate < now)) {
      const told = { next_update: new Date(nextUpdate).toISOString() }
      this.#kit.log.warn(told, 'a revocation list has expired')
    }
    return lists
  }

  #open(at: string, place: number): Promise<void> {
    const follower: Follower<readonly CrlFacts[]> = {
      ...this.#options,
      accept: 'application/pkix-crl, */*;q=0.1',
      read: (bytes, before) => this.#read(bytes, before),
      describe: (lists) => ({
        entries: lists.reduce((sum, { serials: { count } }) => sum + count, 0),
      }),
      follow: (lists) => this.#follow(place, lists),
    }
    const source = new FollowedSource(at, follower, this.#kit)
    this.#sources.push(source)
    return source.open()
  }

  #follow(place: number, lists: readonly CrlFacts[]): void {
    this.#lists[place] = lists.map((facts) => new Crl(facts))
    this.#inForce = new RevocationLists(this.#lists.flat())
  }

  #pathOf({
    fingerprint,
    pem,
    chain = [],
  }: ClientCertificate): readonly X509Certificate[] | undefined {
    const known = this.#paths.get(fingerprint)
    if (known) return known
    const sent = chain.flatMap(readCertificates)
    const path = pathOf(new X509Certificate(pem), sent, this.#options.authorities)
    if (!path) return undefined
    const oldest = this.#paths.size < capacity ? undefined : this.#paths.keys().next().value
    if (oldest !== undefined) this.#paths.delete(oldest)
    this.#paths.set(fingerprint, path)
    return path
  }
}

/** What fails says which field of the configuration it comes from. */
async function blaming<T>(field: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new Error(`config.${field}: ${reasonOf(error)}`, { cause: error })
  }
}
