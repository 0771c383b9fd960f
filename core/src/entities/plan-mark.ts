import { isDeepStrictEqual } from 'node:util'
import type { EntitySet } from './entity-set.ts'
import { putChange } from './entity-set.ts'
import type { Plan } from './plan.ts'
import type { Marks, TargetRow } from './rows.ts'
import { canonicalTarget } from './target-address.ts'

/** What an operator says of a target. */
export interface Mark {
  /** `ip:port` of one of its addresses; all of them where it is left out. */
  readonly address?: string | undefined
  /** Undefined takes back what was said. */
  readonly healthy: boolean | undefined
}

/** The key of the mark that is for all addresses without one of their own. */
const all = '*'

/** Keeps a mark with its target; false where the target is gone. A mark of the whole replaces those of addresses. */
export function planMark(set: EntitySet, target: string, mark: Mark): Plan<boolean> {
  const row = set.get('targets', target)
  if (row === undefined) return { changes: [], result: false }
  const next = withMark(row, mark)
  const changes = isDeepStrictEqual(next, row) ? [] : [putChange('targets', next)]
  return { changes, result: true }
}

/** A target as it is once it is marked. */
export function withMark(row: TargetRow, mark: Mark): TargetRow {
  const marks = marked(row, mark)
  const { marks: _, ...bare } = row
  return Object.keys(marks).length === 0 ? bare : { ...bare, marks }
}

/** What an operator has said of one address of a target, if anything. */
export function markOf({ marks }: TargetRow, address: string): boolean | undefined {
  if (marks === undefined) return undefined
  return markAt(marks, canonicalTarget(address)) ?? markAt(marks, all)
}

export function isMarked({ marks = {} }: TargetRow): boolean {
  return Object.keys(marks).length > 0
}

function marked({ marks = {} }: TargetRow, { address, healthy }: Mark): Marks {
  const key = address === undefined ? all : canonicalTarget(address)
  const others = Object.entries(marks).filter(([name]) => address !== undefined && name !== key)
  const said = healthy === undefined ? [] : [[key, healthy] as const]
  return Object.fromEntries([...others, ...said])
}

function markAt(marks: Marks, key: string): boolean | undefined {
  return Object.hasOwn(marks, key) ? marks[key] : undefined
}
