import { X509Certificate } from 'node:crypto'
import type { Awaitable, ClientCertificate, Clock, Log } from '@kong-ts/pdk'
import { namesOf, pathOf, readCertificates } from './certificates.ts'
import { CrlFiles } from './crl-files.ts'
import { readCrls, type Crl } from './crl.ts'
import { RevocationLists, type Standing, wordName } from './revocation-lists.ts'

interface Options {
  readonly authorities: readonly X509Certificate[]
  readonly texts: readonly string[]
  readonly files: readonly string[]
  /** Milliseconds between two looks at the files. */
  readonly interval: number
  readonly clock: Clock
  readonly log: Log
}

/** So many certificates are remembered with who issued them: to find that out costs a signature or two. */
const capacity = 1000

/** Judges certificates by the revocation lists of a configuration. */
export class Revocation {
  readonly #options: Options
  readonly #fixed: readonly Crl[]
  readonly #files: CrlFiles
  readonly #paths = new Map<string, readonly X509Certificate[]>()
  #lists: RevocationLists

  private constructor(options: Options, fixed: readonly Crl[], files: CrlFiles) {
    this.#options = options
    this.#fixed = fixed
    this.#files = files
    this.#lists = new RevocationLists([...fixed, ...files.lists])
  }

  /** @throws Error naming the field, for a list that cannot be read or is not signed by its authority */
  static async open(options: Options): Promise<Revocation> {
    const { authorities, texts, files: paths, interval, clock, log } = options
    const warn = (list: Crl): void => {
      if (list.nextUpdate < clock.now()) {
        log.warn(
          { next_update: new Date(list.nextUpdate).toISOString() },
          'a revocation list has expired',
        )
      }
    }
    const check = (lists: readonly Crl[]): void => {
      for (const list of lists) {
        refuseForged(list, authorities)
        warn(list)
      }
    }
    const fixed = texts.flatMap((text, at) => {
      try {
        const lists = readCrls(Buffer.from(text))
        check(lists)
        return lists
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(`config.crl.${at + 1}: ${why}`, { cause: error })
      }
    })
    const files = await CrlFiles.open({ paths, interval, clock, log, check })
    return new Revocation(options, fixed, files)
  }

  /** Answers at once, unless it is time to look at the files again. */
  standingOf(shown: ClientCertificate): Awaitable<Standing> {
    const refreshing = this.#files.refresh()
    if (!refreshing) return this.#standing(shown)
    return refreshing.then((isNew) => {
      if (isNew) this.#lists = new RevocationLists([...this.#fixed, ...this.#files.lists])
      return this.#standing(shown)
    })
  }

  #standing(shown: ClientCertificate): Standing {
    const path = this.#pathOf(shown)
    if (!path) return { is: 'unknown', why: 'the certificate does not lead to a known authority' }
    return this.#lists.standingOf(path, this.#options.clock.now())
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

/** A list that says it is of an authority that has not signed it. One of an intermediate is looked at when that comes. */
function refuseForged(list: Crl, authorities: readonly X509Certificate[]): void {
  const named = authorities.filter((each) => namesOf(each).subject === list.issuer)
  const [authority] = named
  if (authority && !named.some((each) => list.isSignedBy(each))) {
    throw new Error(`the revocation list is not signed by ${wordName(authority)}`)
  }
}
