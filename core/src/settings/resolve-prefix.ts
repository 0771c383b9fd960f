import { resolve } from 'node:path'
import { pickAssignments } from './pick-assignments.ts'
import { schema } from './schema.ts'
import { readSources, type Sources } from './sources.ts'

/**
 * The absolute prefix alone, for commands that talk to a running node: they must work whatever else is wrong
 * with the settings.
 * @throws Error when the file that was named cannot be read
 */
export function resolvePrefix(input: Sources & { readonly cwd: string }): string {
  const { layers, problems } = readSources(input)
  const [problem] = problems
  if (layers[0]?.length === 0 && problem !== undefined) throw new Error(problem)
  const prefix = pickAssignments(layers).chosen.get('prefix')?.text
  return resolve(input.cwd, prefix === undefined || prefix === '' ? schema.prefix.default : prefix)
}
