import type { Route } from '../entities/rows.ts'
import { AddressMap } from './address-map.ts'
import type { Query } from './query.ts'
import { RouteBucket } from './route-bucket.ts'
import type { Attribute, Rules } from './route-rules.ts'
import { SniMap } from './sni-map.ts'

/** A part of the tree of one category: each level takes one attribute, the last is a bucket. */
export interface Node {
  readonly empty: boolean
  put(rules: Rules): void
  delete(rules: Rules): void
  /** The best match; leaves its ranks in the query. */
  find(query: Query): Route | undefined
}

export function routeTree([attribute, ...rest]: readonly Attribute[]): Node {
  if (attribute === undefined) return new Leaf()
  return attribute === 'sni' ? new SniBranch(rest) : new AddressBranch(attribute, rest)
}

class Leaf implements Node {
  readonly #bucket = new RouteBucket()

  get empty(): boolean {
    return this.#bucket.empty
  }

  put(rules: Rules): void {
    this.#bucket.put(rules.route)
  }

  delete(rules: Rules): void {
    this.#bucket.delete(rules.route.id)
  }

  find(): Route | undefined {
    return this.#bucket.find()
  }
}

class SniBranch implements Node {
  readonly #map = new SniMap<Node>()
  readonly #rest: readonly Attribute[]

  constructor(rest: readonly Attribute[]) {
    this.#rest = rest
  }

  get empty(): boolean {
    return this.#map.empty
  }

  put(rules: Rules): void {
    for (const pattern of rules.sni) plant(this.#map, pattern, this.#rest, rules)
  }

  delete(rules: Rules): void {
    for (const pattern of rules.sni) prune(this.#map, pattern, rules)
  }

  find(query: Query): Route | undefined {
    return this.#map.first(query.name, query, descendSni)
  }
}

class AddressBranch implements Node {
  readonly #map = new AddressMap<Node>()
  readonly #side: 'source' | 'destination'
  readonly #rest: readonly Attribute[]

  constructor(side: 'source' | 'destination', rest: readonly Attribute[]) {
    this.#side = side
    this.#rest = rest
  }

  get empty(): boolean {
    return this.#map.empty
  }

  put(rules: Rules): void {
    for (const pattern of rules[this.#side]) plant(this.#map, pattern, this.#rest, rules)
  }

  delete(rules: Rules): void {
    for (const pattern of rules[this.#side]) prune(this.#map, pattern, rules)
  }

  find(query: Query): Route | undefined {
    return this.#side === 'source'
      ? this.#map.first(query.source, query, descendSource)
      : this.#map.first(query.destination, query, descendDestination)
  }
}

/** The maps of both kinds, as far as growing needs them. */
interface Nodes<P> {
  get(pattern: P): Node | undefined
  set(pattern: P, node: Node): void
  delete(pattern: P): void
}

function plant<P>(map: Nodes<P>, pattern: P, rest: readonly Attribute[], rules: Rules): void {
  let node = map.get(pattern)
  if (!node) map.set(pattern, (node = routeTree(rest)))
  node.put(rules)
  // A route whose deeper patterns cannot be read leaves nothing behind.
  if (node.empty) map.delete(pattern)
}

function prune<P>(map: Nodes<P>, pattern: P, rules: Rules): void {
  const node = map.get(pattern)
  node?.delete(rules)
  if (node?.empty) map.delete(pattern)
}

function descendSni(node: Node, query: Query, rank: number): Route | undefined {
  query.ranks.sni = rank
  return node.find(query)
}

function descendSource(node: Node, query: Query, rank: number): Route | undefined {
  query.ranks.source = rank
  return node.find(query)
}

function descendDestination(node: Node, query: Query, rank: number): Route | undefined {
  query.ranks.destination = rank
  return node.find(query)
}
