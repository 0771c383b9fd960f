import type { Assignment } from './conf-file.ts'
import { suggest } from './did-you-mean.ts'
import { ignoredBecauseOfKong } from './kong-names.ts'
import { listSettings } from './list-settings.ts'
import type { SettingName } from './schema.ts'

export interface Picked {
  /** What counts for each setting that was given. */
  readonly chosen: ReadonlyMap<SettingName, Assignment>
  readonly warnings: readonly string[]
  /** Complaints about names that nobody knows. */
  readonly unknown: readonly string[]
}

/** Own names first: where both a name and its alias are given in one source, the name counts. */
const settingOf = new Map<string, { readonly setting: SettingName; readonly rank: number }>(
  listSettings().flatMap(([setting, { aliases = [] }]) =>
    [setting, ...aliases].map((name, rank) => [name, { setting, rank }] as const),
  ),
)

/** From every source, the assignment that counts: a later source wins, and within one the better name. */
export function pickAssignments(layers: readonly (readonly Assignment[])[]): Picked {
  const chosen = new Map<SettingName, Assignment>()
  const warnings: string[] = []
  const unknown: string[] = []
  for (const layer of layers) {
    const known = new Map<SettingName, Assignment>()
    for (const assignment of layer) {
      const entry = settingOf.get(assignment.name)
      if (entry !== undefined) {
        const loser = keepBetter(known, entry.setting, assignment)
        if (loser !== undefined) warnings.push(loser)
        continue
      }
      const ignored = ignoredBecauseOfKong(assignment.name)
      if (ignored === undefined) unknown.push(unknownName(assignment))
      else warnings.push(`${assignment.origin}: ${ignored}`)
    }
    for (const [setting, assignment] of known) chosen.set(setting, assignment)
  }
  return { chosen, warnings, unknown }
}

/** Within one source a better name wins, and of the same name the last; says what has lost. */
function keepBetter(
  known: Map<SettingName, Assignment>,
  setting: SettingName,
  assignment: Assignment,
): string | undefined {
  const other = known.get(setting)
  if (other === undefined) {
    known.set(setting, assignment)
    return undefined
  }
  const better = rankOf(assignment) <= rankOf(other)
  const [winner, loser] = better ? [assignment, other] : [other, assignment]
  known.set(setting, winner)
  if (winner.text === loser.text) return undefined
  return `${loser.origin}: ${loser.name} is ignored: ${winner.name} at ${winner.origin} sets the same`
}

function rankOf(assignment: Assignment): number {
  return settingOf.get(assignment.name)?.rank ?? 0
}

function unknownName({ name, origin }: Assignment): string {
  const meant = suggest(name, settingOf.keys())
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return `${origin}: ${name} is not a setting${hint}`
}
