import type { X509Certificate } from 'node:crypto'
import { namesOf } from './certificates.ts'
import { Crl } from './crl.ts'
import { byAge, type CrlFacts } from './read-crl.ts'
import { wordName } from './revocation-lists.ts'

/**
 * Looks at the lists of a file or a URL before they come into force: an authority that is known must have signed what is
 * said to be of it, and nobody may bring an older list back, on which somebody is missing.
 * @throws Error saying what is wrong
 */
export async function examineLists(
  lists: readonly CrlFacts[],
  before: readonly CrlFacts[] | undefined,
  authorities: readonly X509Certificate[],
): Promise<void> {
  for (const list of lists) {
    refuseOlder(list, lists, before ?? [])
    await refuseForged(list, authorities)
  }
}

/** One of an intermediate authority is looked at when that comes. */
async function refuseForged(
  list: CrlFacts,
  authorities: readonly X509Certificate[],
): Promise<void> {
  const named = authorities.filter((each) => namesOf(each).subject === list.issuer)
  const [authority] = named
  if (!authority) return
  const crl = new Crl(list)
  const verdicts = await Promise.all(named.map((each) => crl.verify(each)))
  if (!verdicts.includes(true)) {
    throw new Error(`the revocation list is not signed by ${wordName(authority)}`)
  }
}

function refuseOlder(
  { issuer }: CrlFacts,
  lists: readonly CrlFacts[],
  before: readonly CrlFacts[],
): void {
  const [now, then] = [newestOf(issuer, lists), newestOf(issuer, before)]
  if (now && then && byAge(now, then) < 0) {
    const [one, other] = [now, then].map(wordAge)
    throw new Error(`the revocation list is of ${one}, and the one in force of ${other}`)
  }
}

function newestOf(issuer: string, lists: readonly CrlFacts[]): CrlFacts | undefined {
  return lists
    .filter((list) => list.issuer === issuer)
    .toSorted(byAge)
    .at(-1)
}

function wordAge({ thisUpdate, sequence }: CrlFacts): string {
  return `${new Date(thisUpdate).toISOString()} (number ${sequence})`
}
