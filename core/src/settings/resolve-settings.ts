import { resolve } from 'node:path'
import { SettingsError } from '../errors/settings-error.ts'
import { checkTogether } from './checks.ts'
import { adminWarnings } from './closed-admin.ts'
import type { Assignment } from './conf-file.ts'
import { Invalid, type Place } from './kind.ts'
import { isSettingName, listSettings } from './list-settings.ts'
import { schema, type SettingName, type Settings } from './schema.ts'
import type { Setting } from './setting.ts'
import { type Picked, pickAssignments } from './pick-assignments.ts'
import { readSources, type Sources } from './sources.ts'

export interface SettingsInput extends Sources {
  /** What relative paths start from. */
  readonly cwd: string
  /** Makes unknown settings errors, not warnings. */
  readonly strict?: boolean
}

export interface ResolvedSettings {
  readonly settings: Settings
  /** One line each. */
  readonly warnings: readonly string[]
}

/**
 * The settings of a node: defaults, then the file, then `KONG_*`, then flags.
 * @throws SettingsError with every problem there is
 */
export function resolveSettings(input: SettingsInput): ResolvedSettings {
  const sources = readSources(input)
  const picked = pickAssignments(sources.layers)
  const report: Report = { warnings: [...picked.warnings], problems: [...sources.problems] }
  report[input.strict === true ? 'problems' : 'warnings'].push(...picked.unknown)

  const settings = parseAll(picked.chosen, resolve(input.cwd), report)
  report.problems.push(...checkTogether(settings))
  if (report.problems.length > 0 || !isComplete(settings)) throw new SettingsError(report.problems)
  report.warnings.push(
    ...unusedCiphers(settings),
    ...unusedServer(settings, picked.chosen),
    ...adminWarnings(settings),
  )
  return { settings: Object.freeze({ ...settings }), warnings: report.warnings }
}

interface Report {
  readonly warnings: string[]
  readonly problems: string[]
}

/** The value of every setting; one whose text is wrong is left out, and reported. */
function parseAll(chosen: Picked['chosen'], cwd: string, report: Report): Partial<Settings> {
  const prefix = resolve(cwd, chosen.get('prefix')?.text ?? schema.prefix.default)
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const [name, setting] of listSettings()) {
    const assignment = chosen.get(name)
    const at: Place = {
      name: assignment?.name ?? name,
      cwd,
      prefix,
      warn: (message) => void report.warnings.push(locate(assignment, message)),
    }
    collect(report, assignment, () => {
      values[name] = parse(setting, assignment, at)
    })
  }
  return isParsed(values) ? values : {}
}

function collect(report: Report, assignment: Assignment | undefined, step: () => void): void {
  try {
    step()
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    report.problems.push(locate(assignment, error.message))
  }
}

/** True of what `parseAll` collects: each value comes from its own setting's kind, as `Settings` does. */
function isParsed(values: object): values is Partial<Settings> {
  return Object.keys(values).every(isSettingName)
}

function isComplete(values: Partial<Settings>): values is Settings {
  return listSettings().every(([name]) => name in values)
}

function parse(setting: Setting<unknown>, assignment: Assignment | undefined, at: Place): unknown {
  const text = assignment?.text ?? setting.default
  if (/^\{vault:\/\/.*\}$/.test(text)) {
    throw new Invalid(`${at.name}: references to vaults are not served; write the value itself`)
  }
  return setting.kind.parse(text, at)
}

function locate(assignment: Assignment | undefined, message: string): string {
  return assignment === undefined ? message : `${assignment.origin}: ${message}`
}

/** Whoever comes from Kong may rely on its default, which is PostgreSQL. */
function unusedServer({ database }: Settings, chosen: Picked['chosen']): readonly string[] {
  if (database === 'postgres') return []
  const names = [...chosen.keys()].filter((name) => name.startsWith('pg_'))
  if (names.length === 0) return []
  return [`${names.join(', ')}: ignored, since database is ${database}, not postgres`]
}

function unusedCiphers({ ssl_cipher_suite, ssl_ciphers }: Settings): readonly string[] {
  if (ssl_ciphers === undefined || ssl_cipher_suite === 'custom') return []
  return [`ssl_ciphers is ignored: ssl_cipher_suite is ${ssl_cipher_suite}, not custom`]
}
