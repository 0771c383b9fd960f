/** `npm run soak`: every kind of traffic for minutes, and what is left of it; writes RESULTS-SOAK.md. */
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { table } from './figures.ts'
import { startGateway } from './gateway.ts'
import { describeMachine } from './machine.ts'
import { until } from './processes.ts'
import { settle, type Look } from './soak/look.ts'
import { operate } from './soak/operator.ts'
import { configure, standBehind } from './soak/site.ts'
import { drive, type Tally } from './soak/traffic.ts'
import { judge, type Kill } from './soak/verdict.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    parts: { type: 'string', default: '10' },
    transport: { type: 'string', default: 'auto' },
  },
})
const minutes = Number(values.minutes)
/** Before it is over, all becomes quiet so often and is looked at; the second and the third one have an incident. */
const parts = Number(values.parts)
if (!(minutes > 0 && parts >= 3)) throw new Error('--minutes and --parts take numbers')
/** What is smaller than a whole run must not replace its results. */
const isWhole = minutes >= 10
const workers = 2

const begun = performance.now()
const behind = await standBehind()
const gateway = await startGateway({
  transport: values.transport,
  worker_processes: String(workers),
  preread_silence: '20ms',
})
const tallies = new Map<string, Tally>()
const looks: Look[] = []
let kill: Kill | undefined
let changes = 0

/** Connections that a killed worker had, and what it had not told yet. */
const lostByKill = 2_000

async function killOne(): Promise<void> {
  const [victim] = await gateway.workers()
  if (victim === undefined) throw new Error('there is no worker')
  kill = { at: performance.now(), pid: victim }
  process.kill(victim, 'SIGKILL')
  await until('another worker is there', async () => {
    const now = await gateway.workers()
    return now.length === workers && !now.includes(victim)
  })
}

async function reload(): Promise<void> {
  const before = await gateway.workers()
  gateway.reload()
  await until('all workers are new', async () => {
    const now = await gateway.workers()
    return now.length === workers && now.every((pid) => !before.includes(pid))
  })
}

/** In the middle of the second and of the third part. */
const incidents = new Map([
  [1, killOne],
  [2, reload],
])

try {
  await configure(gateway, behind)
  for (let part = 0; part < parts; part++) {
    const end = performance.now() + (minutes * 60_000) / parts
    const isOver = (): boolean => performance.now() >= end
    const incident = incidents.get(part)
    const [made] = await Promise.all([
      operate(gateway, isOver),
      drive(gateway.port, isOver, tallies),
      incident && pause(Math.max(0, (end - performance.now()) / 2)).then(incident),
    ])
    changes += made
    looks.push(await settle(gateway, behind, begun, kill ? lostByKill : 0))
  }
  if (!gateway.isRunning()) throw new Error('the gateway has ended')
  const lines = gateway.errorLines()
  const faults = judge({ looks, tallies, kill, lines, isLong: minutes >= 5 })
  const page = describe(faults)
  if (isWhole) writeFileSync(new URL('RESULTS-SOAK.md', import.meta.url), page)
  process.stdout.write(page)
  process.stderr.write(faults.map((fault) => `${fault}\n`).join(''))
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await gateway.stop()
  behind.close()
}

function describe(faults: readonly string[]): string {
  const done = [...tallies].map(([habit, tally]) => [
    habit,
    String(tally.done),
    String(tally.broken.length),
  ])
  const seen = looks.map(({ seconds, accepted, told: lines, workers: all }) => [
    seconds.toFixed(0),
    String(accepted),
    String(lines),
    all.map(({ mebibytes }) => mebibytes.toFixed(0)).join(', '),
    all.map(({ descriptors }) => descriptors).join(', '),
  ])
  const told = Map.groupBy(
    gateway.errorLines(),
    ({ level, msg }) => `${String(level)}: ${String(msg)}`,
  )
  const log = [...told].map(([line, all]) => [line, String(all.length)])
  return `# Results of a soak

Written by the command below; not by hand.

- Command: \`npm run soak -- --minutes ${minutes} --transport ${values.transport}\`
${describeMachine()
  .map((fact) => `- ${fact}`)
  .join('\n')}

${faults.length === 0 ? 'Nothing was wrong.' : faults.map((fault) => `- ${fault}`).join('\n')}

Sixteen clients with all habits in turn, ${changes} changes of plugins and routes through the Admin API meanwhile; in the
second part one of the ${workers} workers is killed (kill -9), in the third the configuration is reloaded, which replaces
the workers. Between the parts all comes to rest, and what is left is looked at. Broken: the client did not get back what
it said, which only the kill may bring about.

${table([['habit', 'done', 'broken'], ...done])}

${table([['error log', 'times'], ...log])}

${table([['after, s', 'connections', 'in the log', 'MiB of each worker', 'descriptors'], ...seen])}
`
}
