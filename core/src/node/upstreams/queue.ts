import type { Told } from './upstreams.ts'

/** A connection that waits; `ticket` is its worker's name for it. */
export interface Place {
  readonly worker: Told
  readonly ticket: number
}

/** Who waits, in the order of arrival; every step takes the same time however many they are. */
export class Queue {
  readonly #places = new Map<Told, Map<number, Place>>()
  readonly #order = new Set<Place>()
  readonly #yielding = new Set<Place>()

  get size(): number {
    return this.#order.size
  }

  get first(): Place | undefined {
    return this.#order.values().next().value
  }

  get someYields(): boolean {
    return this.#yielding.size > 0
  }

  append(place: Place): void {
    const ofWorker = this.#places.get(place.worker) ?? new Map<number, Place>()
    this.#places.set(place.worker, ofWorker.set(place.ticket, place))
    this.#order.add(place)
  }

  remove(worker: Told, ticket: number): void {
    const place = this.#places.get(worker)?.get(ticket)
    if (place) this.#delete(place)
  }

  removeAll(worker: Told): void {
    for (const place of this.#places.get(worker)?.values() ?? []) this.#delete(place)
    this.#places.delete(worker)
  }

  /** It would rather wait, but goes when somebody else needs the place. */
  yield(worker: Told, ticket: number): void {
    const place = this.#places.get(worker)?.get(ticket)
    if (place) this.#yielding.add(place)
  }

  /** Removes the first of those that yield. */
  removeYielding(): Place | undefined {
    const place: Place | undefined = this.#yielding.values().next().value
    if (place) this.#delete(place)
    return place
  }

  #delete(place: Place): void {
    this.#places.get(place.worker)?.delete(place.ticket)
    this.#order.delete(place)
    this.#yielding.delete(place)
  }
}
