import type { Change } from '../entities/rows.ts'

/** A change of one row, whatever entity it belongs to. */
export type RowChange<R> =
  | { readonly op: 'put'; readonly row: R }
  | { readonly op: 'delete'; readonly id: string }

export function idOf(change: RowChange<{ readonly id: string }>): string {
  return change.op === 'put' ? change.row.id : change.id
}

/** Keeps a map of rows by their ids up to date. */
export function applyTo<R extends { readonly id: string }>(
  rows: Map<string, R>,
  change: RowChange<R>,
): void {
  if (change.op === 'put') rows.set(change.row.id, change.row)
  else rows.delete(change.id)
}

/** Only the last word on each row: writes that share a generation may have changed one twice. */
export function latest(changes: readonly Change[]): readonly Change[] {
  const last = new Map<string, Change>()
  for (const change of changes) last.set(`${change.entity}:${idOf(change)}`, change)
  return last.size === changes.length ? changes : [...last.values()]
}
