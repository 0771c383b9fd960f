/** `npm run bench:metrics`: what counting costs a connection; writes RESULTS-METRICS.md. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { definePlugin, type Plugin, type Summary } from '@kong-ts/pdk'
import { configure } from '@kong-ts/pdk/host'
import { mount } from '@kong-ts/pdk/testing'
import { FiguresEnd } from '../../core/src/node/metrics/figures-end.ts'
import { compilePhases } from '../../core/src/pipeline/pipeline.ts'
import { instanceHost, nobodyWalks } from '../../core/src/pipeline/instances.fixture.ts'
import { PluginInstance } from '../../core/src/plugins/instance.ts'
import prometheus from '../../plugins/prometheus/src/index.ts'
import { median, table } from './figures.ts'
import { describeMachine } from './machine.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    connections: { type: 'string', default: '200000' },
  },
})
const rounds = Number(values.rounds)
const connections = Number(values.connections)
if (!(rounds >= 1 && connections >= 1)) throw new Error('--rounds and --connections take numbers')
/** What is smaller than a whole run must not replace its results. */
const isWhole = rounds >= 9 && connections >= 200_000

const head = { version: '0.1.0', priority: 1, schema: { type: 'object', properties: {} } } as const
const nothing = (): undefined => undefined
/** The same phases, in which nothing is done: what it costs to ask at all. */
const idle = definePlugin({ ...head, name: 'idle', phases: { proxy: nothing, log: nothing } })

const ends = new FiguresEnd(nothing)
const host = {
  ...instanceHost,
  metrics: (life: AbortSignal) => ends.metrics(life),
  behaved: (instance: PluginInstance) => ends.behaved(instance),
}
const metrics = ends.metrics(new AbortController().signal)
const plain = metrics.counter({ name: 'plain_total', help: 'h' })
const labels = ['a', 'b', 'c', 'd', 'e'] as const
const labelled = metrics.counter({ name: 'labelled_total', help: 'h', labels })
const spread = metrics.histogram({ name: 'spread', help: 'h', labels: ['a', 'b', 'c'] })

/** A hundred routes, as a busy node has them. */
const summaries = await Promise.all(
  Array.from({ length: 100 }, async (_, at) => {
    const names = { route: { name: `route-${at}` }, service: { name: `service-${at % 10}` } }
    const quiet = await mount(idle, {})
    const { summary } = await quiet.connect({ ...names, sni: 'a.example', bytes: 'x', reply: 'y' })
    return summary
  }),
)

type Run = (summary: Summary) => void

async function passing(plugin: Plugin, input: unknown): Promise<Run> {
  const configured = configure(plugin, input)
  if (!configured.ok) throw new Error(JSON.stringify(configured.fields))
  const instance = await PluginInstance.create('i', plugin, configured.config, host)
  const { proxy, log } = compilePhases([instance], 1000)
  const once = (run: typeof proxy | typeof log, seen: unknown): void => {
    const walk = { seen, consulted: undefined, plugin: '', walker: nobodyWalks } as never
    void run(walk)
  }
  return (summary) => {
    once(proxy, summary)
    once(log, summary)
  }
}

const [status, latency, bandwidth] = [
  { status_code_metrics: true },
  { latency_metrics: true },
  { bandwidth_metrics: true },
]
const cases: readonly (readonly [name: string, run: Run])[] = [
  ['two phases in which nothing is done', await passing(idle, {})],
  ['prometheus, nothing counted', await passing(prometheus, {})],
  ['prometheus, statuses', await passing(prometheus, status)],
  ['prometheus, latencies', await passing(prometheus, latency)],
  ['prometheus, bandwidth', await passing(prometheus, bandwidth)],
  ['prometheus, everything', await passing(prometheus, { ...status, ...latency, ...bandwidth })],
  ['`inc()`', () => plain.inc()],
  ['`inc` with five labels', () => labelled.inc({ a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' })],
  ['`observe` with three labels', () => spread.observe({ a: 'a', b: 'b', c: 'c' }, 30)],
]

/** Nanoseconds of processor time for each, what the worker tells of it every 20,000 included. */
function measure(run: Run): number {
  const before = process.cpuUsage()
  for (let count = 0; count < connections; count++) {
    const summary = summaries[count % summaries.length]
    if (summary) run(summary)
    if (count % 20_000 === 0) ends.flush()
  }
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / connections
}

const times = new Map<string, number[]>(cases.map(([name]) => [name, []]))
for (let round = 0; round <= rounds; round++) {
  for (const [name, run] of cases) {
    const time = measure(run)
    // The first round warms up.
    if (round > 0) times.get(name)?.push(time)
  }
}

const rows = [...times].map(([name, all]) => {
  const range = [Math.min(...all), Math.max(...all)].map((time) => time.toFixed(0)).join(' to ')
  return [name, median(all).toFixed(0), range]
})
const page = `# Results of the metrics

Written by \`npm run bench:metrics\`; not by hand.

${describeMachine()
  .map((fact) => `- ${fact}`)
  .join('\n')}

Processor time of what a plugin does for a connection with a route among a hundred, through the gateway's own pipeline,
with what a worker tells the supervisor of it; then of one count. The median and the range of ${rounds} rounds of
${connections.toLocaleString('en')}, in which all take turns.

${table([['what', 'ns', 'least to most'], ...rows])}

What a connection costs the gateway altogether stands in [RESULTS.md](RESULTS.md).
`
if (isWhole) writeFileSync(new URL('RESULTS-METRICS.md', import.meta.url), page)
process.stdout.write(page)
// The looks at live connections go on as long as their instances.
process.exit(0)
