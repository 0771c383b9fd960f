import type { Route } from '../entities/rows.ts'
import { type Candidate, combineRanks } from './rank.ts'
import type { Query } from './query.ts'
import { categories, rulesOf } from './route-rules.ts'
import { routeTree } from './route-tree.ts'
import { isWide, WideRoutes } from './wide-routes.ts'

/**
 * Routes by what they match, without regard to their protocols. Each category has a tree of hash maps, searched
 * from the most specific value on: the first route that is found is the best one. A search costs the number of
 * distinct shapes in use (kinds of SNI, prefix lengths), not the number of routes.
 */
export class RouteIndex {
  readonly #trees = categories.map((category) => routeTree(category))
  readonly #wide = new WideRoutes()

  put(route: Route): void {
    const rules = rulesOf(route)
    if (isWide(rules)) this.#wide.put(rules)
    else this.#trees[rules.category]?.put(rules)
  }

  /** Takes the same row that was put. */
  delete(route: Route): void {
    const rules = rulesOf(route)
    if (isWide(rules)) this.#wide.delete(rules)
    else this.#trees[rules.category]?.delete(rules)
  }

  find(query: Query): Route | undefined {
    for (let category = 0; category < this.#trees.length; category++) {
      const route = this.#trees[category]?.find(query)
      if (route) return this.#wide.empty ? route : this.#better(query, route, category)
    }
    return this.#wide.empty ? undefined : this.#wide.find(query, undefined)?.route
  }

  get empty(): boolean {
    return this.#wide.empty && this.#trees.every((tree) => tree.empty)
  }

  #better(query: Query, route: Route, category: number): Route | undefined {
    const set = categories[category] ?? []
    const rank = combineRanks(category, {
      sni: set.includes('sni') ? query.ranks.sni : 0,
      source: set.includes('source') ? query.ranks.source : 0,
      destination: set.includes('destination') ? query.ranks.destination : 0,
    })
    const found: Candidate | undefined = rank === undefined ? undefined : { route, rank }
    return this.#wide.find(query, found)?.route
  }
}
