import type { X509Certificate } from 'node:crypto'
import { namesOf } from './certificates.ts'
import type { Crl } from './crl.ts'

/** Whether a certificate is revoked; `unknown`: no current list says so. */
export type Standing =
  | { readonly is: 'good' }
  | { readonly is: 'revoked'; readonly subject: string }
  | { readonly is: 'unknown'; readonly why: string }

/** Revocation lists by who issued them. */
export class RevocationLists {
  readonly #byIssuer: ReadonlyMap<string, readonly Crl[]>

  constructor(lists: readonly Crl[]) {
    this.#byIssuer = Map.groupBy(lists, ({ issuer }) => issuer)
  }

  /**
   * Of a certificate and of everything above it, as far as that is issued by something else in the path. What is
   * revoked is revoked, whatever is not known of the rest.
   * @param now milliseconds since the epoch
   */
  standingOf(path: readonly X509Certificate[], now: number): Standing {
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
    const { issuer: name, serial } = namesOf(certificate)
    const lists = this.#byIssuer.get(name) ?? []
    const own = lists.filter((crl) => crl.thisUpdate <= now && crl.isSignedBy(issuer))
    const [newest] = own.toSorted((one, other) => other.thisUpdate - one.thisUpdate)
    if (!newest) return unknown('there is no revocation list of', issuer)
    if (newest.revoked.has(serial)) return { is: 'revoked', subject: wordName(certificate) }
    return newest.nextUpdate < now
      ? unknown('the revocation list has expired of', issuer)
      : { is: 'good' }
  }
}

function unknown(what: string, issuer: X509Certificate): Standing {
  return { is: 'unknown', why: `${what} ${wordName(issuer)}` }
}

/** RFC 4514: the most specific part first. Node gives one part per line. */
export function wordName({ subject }: X509Certificate): string {
  return (subject ?? '').split('\n').toReversed().join(',')
}
