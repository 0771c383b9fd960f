import { PatternMap, type Shape, type Visit } from './pattern-map.ts'
import { sniRank, sniShapes } from './sni-pattern.ts'

/** Values by server name; wildcards are found by walking the labels of the name, at most 127. */
export class SniMap<V> extends PatternMap<Shape, V> {
  /** Visits every value whose pattern matches the folded name, best first. */
  first<C, T>(name: string | undefined, context: C, visit: Visit<V, C, T>): T | undefined {
    if (name === undefined) return undefined
    for (const { shape, values } of this.tables) {
      const found =
        shape === sniShapes.exact
          ? meet(values.get(name), context, 0, visit)
          : walk(shape, values, name, context, visit)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** From the longest fixed part to the shortest: suffixes begin at a dot, prefixes end with one. */
function walk<V, C, T>(
  shape: Shape,
  values: ReadonlyMap<string | number, V>,
  name: string,
  context: C,
  visit: Visit<V, C, T>,
): T | undefined {
  const left = shape === sniShapes.suffix
  let dot = left ? name.indexOf('.', 1) : name.lastIndexOf('.')
  while (dot > 0) {
    const key = left ? name.slice(dot) : name.slice(0, dot + 1)
    const found = meet(values.get(key), context, sniRank(shape, key.length), visit)
    if (found !== undefined) return found
    dot = left ? name.indexOf('.', dot + 1) : name.lastIndexOf('.', dot - 1)
  }
  return undefined
}

function meet<V, C, T>(
  value: V | undefined,
  context: C,
  rank: number,
  visit: Visit<V, C, T>,
): T | undefined {
  return value === undefined ? undefined : visit(value, context, rank)
}
