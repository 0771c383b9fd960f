import type { Route } from '../entities/rows.ts'

/** How well each attribute matched: 0 is best, and also stands for an attribute that is not set. */
export interface Ranks {
  sni: number | undefined
  source: number | undefined
  destination: number | undefined
}

/** A route that matches, and where it stands: a smaller rank is better. */
export interface Candidate {
  readonly route: Route
  readonly rank: number
}

/** Every rank of one attribute is below this, so that the combined number stays an exact integer. */
const SPAN = 4096

/** The category and the three ranks as one number that orders as they do; undefined when one did not match. */
export function combineRanks(category: number, ranks: Ranks): number | undefined {
  const { sni, source, destination } = ranks
  if (sni === undefined || source === undefined || destination === undefined) return undefined
  return ((category * SPAN + sni) * SPAN + source) * SPAN + destination
}

/** The whole order between two routes that match: the rank, then the older one, then the smaller id. */
export function beats(a: Candidate, b: Candidate): boolean {
  return a.rank === b.rank ? isOlder(a.route, b.route) : a.rank < b.rank
}

/** The older route is preferred, then the smaller id. */
export function isOlder(a: Route, b: Route): boolean {
  return a.created_at === b.created_at ? a.id < b.id : a.created_at < b.created_at
}
