/** A process of the catalogue's tests: loads what it is told with Node's own loader and prints what came of it. */
import { codeOf } from '../errors/code-of.ts'
import { loadCatalogue } from './catalogue.ts'

const [cwd = '', ...specifiers] = process.argv.slice(2)
try {
  const catalogue = await loadCatalogue(specifiers, { cwd })
  const loaded = catalogue.all().map(({ plugin, from }) => ({ name: plugin.name, from }))
  process.stdout.write(JSON.stringify({ loaded }))
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  process.stdout.write(JSON.stringify({ name, message, code: codeOf(error) }))
}
