import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countedLines } from '../architecture/file-size.ts'
import { instantiations, instantiationsOfNothing } from '../types/instantiations.ts'
import { root } from '../types/pdk-api.ts'
import { table } from './figures.ts'

const folder = join(root, 'sdk-examples')
const examples = readdirSync(folder).filter((name) => /^\d+-/.test(name))
const [smallest = ''] = examples

/** What importing the PDK alone needs, and each example beyond that; the smallest plugin is the first. */
export function compilerTable(): string {
  const alone = instantiationsOfNothing()
  const rows = examples.map((name) => {
    const needed = instantiations(join(folder, name, 'src/index.ts')) - alone
    return [`\`${name}\``, String(needed), String(linesOf(name))]
  })
  return table([
    ['of', 'instantiations', 'lines'],
    ['importing the PDK alone', String(alone), '1'],
    ...rows,
  ])
}

export function linesOfSmallest(): number {
  return linesOf(smallest)
}

/** Of all its sources but the tests. */
function linesOf(name: string): number {
  const sources = join(folder, name, 'src')
  return readdirSync(sources)
    .filter((file) => !file.endsWith('.test.ts'))
    .reduce((sum, file) => sum + countedLines(readFileSync(join(sources, file), 'utf8')), 0)
}
