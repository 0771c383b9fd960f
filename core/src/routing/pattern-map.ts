/** A kind of pattern whose values can be hashed; a smaller order is preferred. */
export interface Shape {
  readonly order: number
}

export interface Pattern<S extends Shape> {
  readonly shape: S
  readonly key: string | number
}

/** The values under one shape. */
export interface Table<S extends Shape, V> {
  readonly shape: S
  readonly values: Map<string | number, V>
}

/** Values by pattern: one hash map for each shape in use, best shape first (tuple space search). */
export class PatternMap<S extends Shape, V> {
  readonly tables: Table<S, V>[] = []

  get empty(): boolean {
    return this.tables.length === 0
  }

  table(order: number): Table<S, V> | undefined {
    return this.tables.find(({ shape }) => shape.order === order)
  }

  get(pattern: Pattern<S>): V | undefined {
    return this.table(pattern.shape.order)?.values.get(pattern.key)
  }

  set({ shape, key }: Pattern<S>, value: V): void {
    const known = this.table(shape.order)
    if (known) known.values.set(key, value)
    else {
      this.tables.push({ shape, values: new Map([[key, value]]) })
      this.tables.sort((a, b) => a.shape.order - b.shape.order)
    }
  }

  /** A shape that nobody uses any more costs nothing any more. */
  delete({ shape, key }: Pattern<S>): void {
    const at = this.tables.findIndex((table) => table.shape.order === shape.order)
    const table = this.tables[at]
    if (!table) return
    table.values.delete(key)
    if (table.values.size === 0) this.tables.splice(at, 1)
  }
}

/** Looks at a value that matches, with its rank; a defined answer ends the search. */
export type Visit<V, C, T> = (value: V, context: C, rank: number) => T | undefined
