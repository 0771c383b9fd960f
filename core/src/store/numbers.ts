import { randomInt } from 'node:crypto'
import { chunks, places } from './chunks.ts'
import type { Sql, SqlRow, SqlValue } from './sql.ts'

/** Which number is meant. */
export interface NumberName {
  readonly instance: string
  readonly key: string
}

/** What is to be added to a number, unless the sum would pass the ceiling. */
export interface Sum extends NumberName {
  readonly amount: number
  /** Where there is no number yet the amount is within it: that is for the caller to see to. */
  readonly ceiling: number
  /** Milliseconds since the epoch at which the number is forgotten. */
  readonly until: number
}

/** A text as it is kept. */
export interface Version {
  readonly version: number
  readonly text: string
}

/** A text that is to take the place of another one. */
export interface Swap extends NumberName {
  /** What it replaces; undefined: nothing. */
  readonly replaces: number | undefined
  readonly text: string
  /** Milliseconds since the epoch at which it means nothing any more. */
  readonly until: number
}

/**
 * Whole numbers, apart from the configuration: no revision, no history. What was written outlives the process; a power
 * cut may take the last of it.
 */
export interface Numbers {
  /**
   * Adds what stays within its ceiling; each sum is atomic, also between nodes. No two may be of one number.
   * @returns what each number is now, in order; undefined where nothing was added
   * @throws StoreError `unavailable`, within seconds; some may have been added then
   */
  add(sums: readonly Sum[], now: number): Promise<readonly (number | undefined)[]>
  /** @returns 0 for one that is not there or has expired */
  read(names: readonly NumberName[], now: number): Promise<readonly number[]>
  /** What is kept as text, and in which version, in order; undefined where there is nothing. */
  look(names: readonly NumberName[]): Promise<readonly (Version | undefined)[]>
  /**
   * Replaces texts that nobody has replaced since; each replacement is atomic, also between nodes. No two may be of one
   * name.
   * @returns whether it was replaced, in order
   */
  swap(swaps: readonly Swap[]): Promise<readonly boolean[]>
  /** Removes some of what has expired long ago; answers whether there may be more. */
  sweep(now: number): Promise<boolean>
  /** Removes every number of these instances. */
  forget(instances: readonly string[]): Promise<void>
}

/** Milliseconds after which an expired number is removed: no addition that saw it alive is still under way. */
const lateness = 60_000
/** How many are removed at once, so that nothing waits for long. */
const sweepSize = 1_000

const { MIN_SAFE_INTEGER: least } = Number

/** Numbers in a database that has the table. */
export function numbersIn(sql: Pick<Sql, 'query'>): Numbers {
  return {
    async add(sums, now) {
      // Whoever locks several rows locks them in one order, so that two nodes never wait for each other.
      const ordered = sums.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
      const added = await byName(chunks(ordered).map((part) => addPart(sql, part, now)))
      return sums.map((sum) => added.get(textOf(sum)))
    },
    async read(names, now) {
      const found = await byName(chunks(names).map((part) => readPart(sql, part, now)))
      return names.map((name) => found.get(textOf(name)) ?? 0)
    },
    async look(names) {
      const found = await rowsByName(chunks(names).map((part) => lookPart(sql, part)))
      return names.map((name) => versionOf(found.get(textOf(name))))
    },
    async swap(swaps) {
      const ordered = swaps.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1))
      const swapped = await rowsByName(chunks(ordered).map((part) => swapPart(sql, part)))
      return swaps.map((swap) => swapped.has(textOf(swap)))
    },
    async sweep(now) {
      const removed = await Promise.all(
        tables.map((table) =>
          sql.query(
            `delete from ${table} where (instance_id, key) in ` +
              `(select instance_id, key from ${table} where expires_at <= $1 ` +
              `order by expires_at limit ${sweepSize}) returning 1 as one`,
            [now - lateness],
          ),
        ),
      )
      return removed.some((rows) => rows.length === sweepSize)
    },
    async forget(instances) {
      for (const part of chunks(instances)) {
        for (const table of tables) {
          const where = `instance_id in ${places(1, part.length)}`
          await sql.query(`delete from ${table} where ${where}`, part)
        }
      }
    },
  }
}

const tables = ['shared_numbers', 'passing_numbers']

function addPart(
  sql: Pick<Sql, 'query'>,
  sums: readonly Sum[],
  now: number,
): Promise<readonly SqlRow[]> {
  const values: SqlValue[] = sums.flatMap(({ instance, key, amount, ceiling, until }) => [
    instance,
    key,
    amount,
    ceiling,
    until,
  ])
  const before = `case when shared_numbers.expires_at <= $${values.length + 1} then 0 else shared_numbers.value end`
  return sql.query(
    'insert into shared_numbers (instance_id, key, value, ceiling, expires_at) ' +
      `values ${places(sums.length, 5)} on conflict (instance_id, key) do update set ` +
      `value = ${before} + excluded.value, ceiling = excluded.ceiling, expires_at = excluded.expires_at ` +
      `where ${before} + excluded.value between ${least} and excluded.ceiling ` +
      'returning instance_id, key, value',
    [...values, now],
  )
}

function readPart(
  sql: Pick<Sql, 'query'>,
  names: readonly NumberName[],
  now: number,
): Promise<readonly SqlRow[]> {
  const values: SqlValue[] = names.flatMap(({ instance, key }) => [instance, key])
  return sql.query(
    'select instance_id, key, value from shared_numbers ' +
      `where (instance_id, key) in (values ${places(names.length, 2)}) ` +
      `and expires_at > $${values.length + 1}`,
    [...values, now],
  )
}

function lookPart(
  sql: Pick<Sql, 'query'>,
  names: readonly NumberName[],
): Promise<readonly SqlRow[]> {
  return sql.query(
    'select instance_id, key, version, parts from passing_numbers ' +
      `where (instance_id, key) in (values ${places(names.length, 2)})`,
    names.flatMap(({ instance, key }) => [instance, key]),
  )
}

function swapPart(sql: Pick<Sql, 'query'>, swaps: readonly Swap[]): Promise<readonly SqlRow[]> {
  return sql.query(
    'insert into passing_numbers (instance_id, key, version, parts, expires_at) ' +
      `values ${places(swaps.length, 5)} on conflict (instance_id, key) do update set ` +
      'version = excluded.version, parts = excluded.parts, expires_at = excluded.expires_at ' +
      'where passing_numbers.version = excluded.version - 1 returning instance_id, key',
    swaps.flatMap(({ instance, key, replaces, text, until }) => [
      instance,
      key,
      (replaces ?? firstVersion()) + 1,
      text,
      until,
    ]),
  )
}

/** Two nodes that begin at the same time must not take each other's beginning for their own. */
function firstVersion(): number {
  return randomInt(2 ** 47)
}

function versionOf(row: SqlRow | undefined): Version | undefined {
  return row && { version: Number(row['version']), text: String(row['parts']) }
}

async function byName(
  parts: readonly Promise<readonly SqlRow[]>[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await rowsByName(parts)
  return new Map(Array.from(rows, ([name, row]) => [name, Number(row['value'])]))
}

async function rowsByName(
  parts: readonly Promise<readonly SqlRow[]>[],
): Promise<ReadonlyMap<string, SqlRow>> {
  const rows = (await Promise.all(parts)).flat()
  return new Map(rows.map((row) => [nameOf(row), row]))
}

/** No name has a NUL in it. */
function textOf({ instance, key }: NumberName): string {
  return `${instance}\0${key}`
}

function nameOf(row: SqlRow): string {
  return textOf({ instance: String(row['instance_id']), key: String(row['key']) })
}
