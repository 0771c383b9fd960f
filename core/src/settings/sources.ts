import { messageOf } from '../errors/message-of.ts'
import { type Assignment, parseConf, readConfFile } from './conf-file.ts'

export interface Sources {
  /** Path of a kong.conf; absent: none is read. */
  readonly file?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Names of settings and their texts. */
  readonly flags?: Readonly<Record<string, string>> | undefined
}

const variablePrefix = 'KONG_'

/** Everything that was given, the weakest source first. */
export function readSources({ file, env, flags = {} }: Sources): {
  readonly layers: readonly (readonly Assignment[])[]
  readonly problems: readonly string[]
} {
  const fromFile = file === undefined ? noAssignments : readFileLayer(file)
  return {
    layers: [fromFile.assignments, environment(env), flagged(flags)],
    problems: fromFile.problems,
  }
}

const noAssignments = { assignments: [], problems: [] }

function readFileLayer(file: string): ReturnType<typeof parseConf> {
  try {
    return parseConf(readConfFile(file), file)
  } catch (error) {
    return { assignments: [], problems: [messageOf(error)] }
  }
}

function environment(env: Sources['env']): readonly Assignment[] {
  return Object.entries(env).flatMap(([variable, text]) => {
    if (text === undefined || !variable.startsWith(variablePrefix)) return []
    const name = variable.slice(variablePrefix.length).toLowerCase()
    return [{ name, text: text.trim(), origin: `environment ${variable}` }]
  })
}

function flagged(flags: Readonly<Record<string, string>>): readonly Assignment[] {
  return Object.entries(flags).map(([name, text]) => ({
    name: name.toLowerCase(),
    text,
    origin: `flag --${name}`,
  }))
}
