import type { Route } from '../entities/rows.ts'
import { isOlder } from './rank.ts'

/** Routes that match the same: the oldest serves. Most buckets hold one route, so the map comes late. */
export class RouteBucket {
  #best: Route | undefined
  #others: Map<string, Route> | undefined

  get empty(): boolean {
    return this.#best === undefined && this.#others === undefined
  }

  put(route: Route): void {
    this.delete(route.id)
    if (this.empty) this.#best = route
    else if (this.#best && isOlder(route, this.#best)) {
      this.#keep(this.#best)
      this.#best = route
    } else this.#keep(route)
  }

  delete(id: string): void {
    if (this.#best?.id === id) this.#best = undefined
    else if (this.#others?.delete(id) && this.#others.size === 0) this.#others = undefined
  }

  /** The next best is looked for when it is needed, so that deleting many routes stays linear. */
  find(): Route | undefined {
    if (this.#others && !this.#best) this.#promote(this.#others)
    return this.#best
  }

  #promote(others: Map<string, Route>): void {
    let best: Route | undefined
    for (const route of others.values()) if (!best || isOlder(route, best)) best = route
    this.#best = best
    if (best) others.delete(best.id)
    if (others.size === 0) this.#others = undefined
  }

  #keep(route: Route): void {
    this.#others ??= new Map()
    this.#others.set(route.id, route)
  }
}
