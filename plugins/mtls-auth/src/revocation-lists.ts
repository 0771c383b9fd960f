import type { X509Certificate } from 'node:crypto'
import type { Awaitable } from '@kong-ts/pdk'
import { namesOf } from './certificates.ts'
import type { Crl } from './crl.ts'
import { byAge } from './read-crl.ts'

/** Whether a certificate is revoked; `unknown`: no current list says so. */
export type Standing =
  | { readonly is: 'good' }
  | { readonly is: 'revoked'; readonly subject: string }
  | { readonly is: 'unknown'; readonly why: string }

/** Revocation lists by who issued them. */
export class RevocationLists {
  readonly #byIssuer: ReadonlyMap<string, readonly Crl[]>

  constructor(lists: readonly Crl[]) {
    this.#byIssuer = Map.groupBy(lists, ({ facts }) => facts.issuer)
  }

  /**
   * Of a certificate and of everything above it, as far as that is issued by something else in the path. What is
   * revoked is revoked, whatever is not known of the rest. Answers at once, unless a list is asked about an issuer for
   * the first time.
   * @param now milliseconds since the epoch
   */
  standingOf(path: readonly X509Certificate[], now: number): Awaitable<Standing> {
    const asking = path.flatMap((certificate, at) => {
      const issuer = path[at + 1]
      if (!issuer) return []
      const unasked = this.#naming(certificate).filter(
        (crl) => crl.isSignedBy(issuer) === undefined,
      )
      return unasked.map((crl) => crl.verify(issuer))
    })
    if (asking.length === 0) return this.#judge(path, now)
    return Promise.all(asking).then(() => this.#judge(path, now))
  }

  #judge(path: readonly X509Certificate[], now: number): Standing {
    const standings = path.flatMap((certificate, at) => {
      const issuer = path[at + 1]
      return issuer ? [this.#standing(certificate, issuer, now)] : []
    })
    return (
      standings.find(({ is }) => is === 'revoked') ??
      standings.find(({ is }) => is === 'unknown') ?? { is: 'good' }
    )
  }

  #standing(certificate: X509Certificate, issuer: X509Certificate, now: number): Standing {
    const own = this.#naming(certificate).filter(
      (crl) => crl.facts.thisUpdate <= now && crl.isSignedBy(issuer) === true,
    )
    const newest = own.toSorted((one, other) => byAge(one.facts, other.facts)).at(-1)
    if (!newest) return unknown('there is no revocation list of', issuer)
    if (newest.has(namesOf(certificate).serial)) {
      return { is: 'revoked', subject: wordName(certificate) }
    }
    return newest.facts.nextUpdate < now
      ? unknown('the revocation list has expired of', issuer)
      : { is: 'good' }
  }

  /** The lists that say they are of who has issued it. */
  #naming(certificate: X509Certificate): readonly Crl[] {
    return this.#byIssuer.get(namesOf(certificate).issuer) ?? []
  }
}

function unknown(what: string, issuer: X509Certificate): Standing {
  return { is: 'unknown', why: `${what} ${wordName(issuer)}` }
}

/** RFC 4514: the most specific part first. Node gives one part per line. */
export function wordName({ subject }: X509Certificate): string {
  return (subject ?? '').split('\n').toReversed().join(',')
}
