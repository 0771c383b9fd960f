import { type AddressShape, keyOf } from './address-pattern.ts'
import { PatternMap, type Visit } from './pattern-map.ts'
import type { Place } from './query.ts'

/** Values by address and port; a search costs one look-up for each shape in use. */
export class AddressMap<V> extends PatternMap<AddressShape, V> {
  /** Visits every value whose pattern matches the place, best first. */
  first<C, T>(place: Place, context: C, visit: Visit<V, C, T>): T | undefined {
    for (const { shape, values } of this.tables) {
      const key = keyOf(shape, shape.mask && place.address, place.port)
      const value = key === undefined ? undefined : values.get(key)
      const found = value === undefined ? undefined : visit(value, context, shape.order)
      if (found !== undefined) return found
    }
    return undefined
  }
}
