import type { AddressMatch, Route } from '../entities/rows.ts'
import { type AddressShape, addressPattern } from './address-pattern.ts'
import type { Pattern, Shape } from './pattern-map.ts'
import { sniPattern } from './sni-pattern.ts'

export type Attribute = 'sni' | 'source' | 'destination'

/** What a route can set, most specific first: the first level of the order between routes. */
export const categories: readonly (readonly Attribute[])[] = [
  ['sni', 'source', 'destination'],
  ['sni', 'source'],
  ['sni', 'destination'],
  ['source', 'destination'],
  ['sni'],
  ['source'],
  ['destination'],
  [],
]

/** A route in the terms of the index. The patterns of an attribute are alternatives. */
export interface Rules {
  readonly route: Route
  /** Index into `categories`. */
  readonly category: number
  /** An attribute can be set and yet have no pattern, when no entry of it can be read: it never matches. */
  readonly sets: Readonly<Record<Attribute, boolean>>
  readonly sni: readonly Pattern<Shape>[]
  readonly source: readonly Pattern<AddressShape>[]
  readonly destination: readonly Pattern<AddressShape>[]
}

/** An empty list is as good as none: it sets nothing, as in Kong. */
export function rulesOf(route: Route): Rules {
  const { snis, sources, destinations } = route
  const sets = { sni: isSet(snis), source: isSet(sources), destination: isSet(destinations) }
  return {
    route,
    category: categories.findIndex(
      (category) =>
        category.includes('sni') === sets.sni &&
        category.includes('source') === sets.source &&
        category.includes('destination') === sets.destination,
    ),
    sets,
    sni: (snis ?? []).map(sniPattern),
    source: addressPatterns(sources),
    destination: addressPatterns(destinations),
  }
}

function isSet(values: readonly unknown[] | null): boolean {
  return values !== null && values.length > 0
}

function addressPatterns(entries: readonly AddressMatch[] | null): Pattern<AddressShape>[] {
  return (entries ?? []).flatMap((entry) => addressPattern(entry) ?? [])
}
