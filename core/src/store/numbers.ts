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
    async sweep(now) {
      const removed = await sql.query(
        'delete from shared_numbers where (instance_id, key) in ' +
          '(select instance_id, key from shared_numbers where expires_at <= $1 ' +
          `order by expires_at limit ${sweepSize}) returning 1 as one`,
        [now - lateness],
      )
      return removed.length === sweepSize
    },
    async forget(instances) {
      for (const part of chunks(instances)) {
        await sql.query(
          `delete from shared_numbers where instance_id in ${places(1, part.length)}`,
          part,
        )
      }
    },
  }
}

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

async function byName(
  parts: readonly Promise<readonly SqlRow[]>[],
): Promise<ReadonlyMap<string, number>> {
  const rows = (await Promise.all(parts)).flat()
  return new Map(rows.map((row) => [nameOf(row), Number(row['value'])]))
}

/** No name has a NUL in it. */
function textOf({ instance, key }: NumberName): string {
  return `${instance}\0${key}`
}

function nameOf(row: SqlRow): string {
  return textOf({ instance: String(row['instance_id']), key: String(row['key']) })
}
