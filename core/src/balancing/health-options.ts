import type { Upstream } from '../entities/rows.ts'

type Checked = Pick<Upstream, 'healthchecks'>

/** Percent of the weight of an upstream that must be available, or more, for it to take connections. */
export function thresholdOf({ healthchecks }: Checked): number {
  return Number(healthchecks?.['threshold'] ?? 0)
}

/** Whether tries to use its targets count for or against them. */
export function countsPassively({ healthchecks }: Checked): boolean {
  const passive = entriesOf(healthchecks?.['passive'])
  return passive.flatMap(([, each]) => entriesOf(each)).some(([, count]) => Number(count) > 0)
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
