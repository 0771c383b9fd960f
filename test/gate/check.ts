import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The steps of the gate, in the order in which a mistake is cheapest to hear of; each is a script of package.json. */
const steps = ['format', 'lint', 'types', 'boundaries', 'unused', 'coverage'] as const

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'scripts' in value
}

const root = new URL('../..', import.meta.url)
const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
if (!isManifest(manifest)) throw new Error('package.json has no scripts')

/** Runs one script as npm would, its output going straight through; answers whether it succeeded. */
function run(step: string, script: string): boolean {
  process.stdout.write(`\n── ${step}: ${script}\n`)
  const started = performance.now()
  const { status } = spawnSync(script, { cwd: root, shell: true, stdio: 'inherit' })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`── ${step}: ${status === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`)
  return status === 0
}

const failed = steps.filter((step) => !run(step, manifest.scripts[step] ?? 'false'))
const verdict = failed.length === 0 ? 'every step is green' : `failed: ${failed.join(', ')}`
process.stdout.write(`\ncheck: ${verdict}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
