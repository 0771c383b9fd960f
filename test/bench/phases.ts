import { writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { instanceOf, nobodyWalks } from '../../core/src/pipeline/instances.fixture.ts'
import { compilePhases, type Phases } from '../../core/src/pipeline/pipeline.ts'
import type { Walk } from '../../core/src/pipeline/walk.ts'
import type { Phases as Written, Routed, Summary } from '@kong-ts/pdk'
import { median, table } from './figures.ts'
import { describeMachine } from './machine.ts'

/**
 * `npm run bench:phases`: nanoseconds that a phase costs a connection, by how many plugins take part in it. The plugins
 * do nothing: this is the price of asking them, of measuring how long they take and of knowing whom to blame.
 */
const { values: given } = parseArgs({
  options: { seconds: { type: 'string' }, dry: { type: 'boolean' } },
})
/** Seconds for each figure. */
const seconds = Number(given.seconds ?? 1)
const passes = 7
const counts = [0, 1, 3, 10]

interface Kind {
  readonly title: string
  readonly written: Written
  readonly run: (phases: Phases) => unknown
}

/** What plugins that do nothing look at does not matter. */
const walk = {
  seen: {},
  walker: nobodyWalks,
  consulted: undefined,
  instance: undefined,
  isShadow: false,
} as Walk<Routed & Summary>

const kinds: readonly Kind[] = [
  {
    title: '`preread`, answers at once',
    written: { preread: () => undefined },
    run: ({ preread }) => preread(walk),
  },
  {
    title: '`log`, answers at once',
    written: { log: () => undefined },
    run: ({ log }) => log(walk),
  },
  {
    title: '`preread`, answers with a promise',
    written: { preread: async () => undefined },
    run: ({ preread }) => preread(walk),
  },
]

const rows: string[][] = [['ns', ...counts.map((count) => `${count} plugins`)]]
for (const kind of kinds) {
  const cells: string[] = []
  for (const count of counts) cells.push(String(Math.round(await measure(kind, count))))
  rows.push([kind.title, ...cells])
  process.stderr.write(`${kind.title}: ${cells.join(', ')} ns\n`)
}
const page = `# What a phase costs

${['Command: `npm run bench:phases`', ...describeMachine()].map((fact) => `- ${fact}`).join('\n')}

Nanoseconds of processor time for one phase of one connection, median of ${passes} passes, by how many plugins take part in
it; the plugins do nothing. A phase that answers at once stays synchronous; one that answers with a promise has a timer of its own.

${table(rows)}
`
if (!given.dry) writeFileSync(new URL('RESULTS-PHASES.md', import.meta.url), page)
process.stdout.write(page)

async function measure({ written, run }: Kind, count: number): Promise<number> {
  const instances = await Promise.all(
    Array.from({ length: count }, (_, n) => instanceOf(`plugin-${n}`, written)),
  )
  const phases = compilePhases(instances, 10_000)
  const times: number[] = []
  for (let pass = 0; pass < passes; pass++) times.push(await passOf(() => run(phases)))
  return median(times)
}

/** Nanoseconds of processor time for a run, over its share of the time: others on the machine do not count. */
async function passOf(run: () => unknown): Promise<number> {
  const end = (seconds * 1000) / passes
  const begun = performance.now()
  const before = process.cpuUsage()
  let runs = 0
  while (performance.now() - begun < end) {
    for (let n = 0; n < 500; n++) {
      const answer = run()
      if (answer instanceof Promise) await answer
    }
    runs += 500
  }
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1e3) / runs
}
