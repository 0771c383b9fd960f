import { AddressMap } from './address-map.ts'
import type { Pattern, PatternMap, Shape } from './pattern-map.ts'
import { beats, type Candidate, combineRanks, type Ranks } from './rank.ts'
import type { Query } from './query.ts'
import type { Attribute, Rules } from './route-rules.ts'
import { SniMap } from './sni-map.ts'

/** More combinations than this in one route are not laid out in the tree. */
const MAX_COMBINATIONS = 1000

const attributes = ['sni', 'source', 'destination'] as const satisfies Attribute[]

/** Whether a route has several values in several attributes, and too many combinations of them. */
export function isWide(rules: Rules): boolean {
  const sizes = attributes.map((attribute) => Math.max(1, rules[attribute].length))
  const combinations = sizes.reduce((product, size) => product * size, 1)
  return combinations > MAX_COMBINATIONS && combinations > Math.max(...sizes)
}

type Group = Map<string, WideRoute>

/**
 * Routes with too many combinations: each is found by its longest list alone, and the rest of it is tested.
 * A match costs the number of such routes that share a value.
 */
export class WideRoutes {
  readonly #sni = new SniMap<Group>()
  readonly #source = new AddressMap<Group>()
  readonly #destination = new AddressMap<Group>()

  get empty(): boolean {
    return this.#sni.empty && this.#source.empty && this.#destination.empty
  }

  put(rules: Rules): void {
    const wide = new WideRoute(rules)
    const longest = longestOf(rules)
    if (longest === 'sni') join(this.#sni, rules.sni, wide)
    else if (longest === 'source') join(this.#source, rules.source, wide)
    else join(this.#destination, rules.destination, wide)
  }

  delete(rules: Rules): void {
    leave(this.#sni, rules.sni, rules.route.id)
    leave(this.#source, rules.source, rules.route.id)
    leave(this.#destination, rules.destination, rules.route.id)
  }

  /** The best of these routes, unless the one that was found elsewhere is better. */
  find(query: Query, found: Candidate | undefined): Candidate | undefined {
    const search: Search = { query, best: found }
    this.#sni.first(query.name, search, compare)
    this.#source.first(query.source, search, compare)
    this.#destination.first(query.destination, search, compare)
    return search.best
  }
}

interface Search {
  readonly query: Query
  best: Candidate | undefined
}

/** Never answers, so that every group is seen. */
function compare(group: Group, search: Search): undefined {
  for (const wide of group.values()) {
    const candidate = wide.match(search.query)
    if (candidate && (!search.best || beats(candidate, search.best))) search.best = candidate
  }
}

class WideRoute {
  readonly rules: Rules
  readonly #sni: SniMap<true>
  readonly #source: AddressMap<true>
  readonly #destination: AddressMap<true>

  constructor(rules: Rules) {
    this.rules = rules
    this.#sni = filled(new SniMap<true>(), rules.sni)
    this.#source = filled(new AddressMap<true>(), rules.source)
    this.#destination = filled(new AddressMap<true>(), rules.destination)
  }

  match(query: Query): Candidate | undefined {
    const { category, route, sets } = this.rules
    const ranks: Ranks = {
      sni: sets.sni ? this.#sni.first(query.name, undefined, rankOf) : 0,
      source: sets.source ? this.#source.first(query.source, undefined, rankOf) : 0,
      destination: sets.destination
        ? this.#destination.first(query.destination, undefined, rankOf)
        : 0,
    }
    const rank = combineRanks(category, ranks)
    return rank === undefined ? undefined : { route, rank }
  }
}

function rankOf(_: true, _context: undefined, rank: number): number {
  return rank
}

function longestOf(rules: Rules): Attribute {
  return attributes.reduce((a, b) => (rules[b].length > rules[a].length ? b : a))
}

function filled<S extends Shape, M extends PatternMap<S, true>>(
  map: M,
  patterns: readonly Pattern<S>[],
): M {
  for (const pattern of patterns) map.set(pattern, true)
  return map
}

function join<S extends Shape>(
  map: PatternMap<S, Group>,
  patterns: readonly Pattern<S>[],
  wide: WideRoute,
): void {
  for (const pattern of patterns) {
    const group = map.get(pattern)
    if (group) group.set(wide.rules.route.id, wide)
    else map.set(pattern, new Map([[wide.rules.route.id, wide]]))
  }
}

function leave<S extends Shape>(
  map: PatternMap<S, Group>,
  patterns: readonly Pattern<S>[],
  id: string,
): void {
  for (const pattern of patterns) {
    const group = map.get(pattern)
    group?.delete(id)
    if (group?.size === 0) map.delete(pattern)
  }
}
