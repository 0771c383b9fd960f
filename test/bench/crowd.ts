/** `npm run bench:crowd`: thousands of idle sessions that all speak at once; writes RESULTS-CROWD.md. */
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gather, startCrowdEcho } from './crowd/crowd.ts'
import type { CrowdKind } from './crowd/words.ts'
import { raiseDescriptors } from './descriptors.ts'
import { table } from './figures.ts'
import { startGateway, type Gateway } from './gateway.ts'
import { describeMachine } from './machine.ts'
import { residentKib } from './proc.ts'
import { until } from './processes.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '2' },
  },
})
const sessions = Number(values.sessions)
const workers = Number(values.workers)
if (!(sessions >= 1 && workers >= 1)) throw new Error('--sessions and --workers take numbers')
/** What is smaller than a whole run must not replace its results. */
const isWhole = sessions >= 10_000

const name = 'crowd.example'
/** Beside the two of each session: logs, store, listeners; and workers do not get the same number of sessions. */
const reserve = 512
const descriptors = raiseDescriptors()
const needed = Math.ceil((sessions / workers) * 2 * 1.05) + reserve
if (descriptors < needed) {
  throw new Error(
    `a worker needs ${needed} descriptors, ${descriptors} are allowed: more --workers`,
  )
}

const kibPerMib = 1024

/** Resident memory of all workers in MiB, once it has come to rest. */
async function weigh(gateway: Gateway): Promise<number> {
  await pause(2_000)
  const all = await gateway.workers()
  return all.reduce((sum, pid) => sum + residentKib(pid), 0) / kibPerMib
}

const crowds = 3
const chosen = { tcp: { destinations: [{ ip: '127.0.0.1' }] }, tls: { snis: [name] } }

/** Three crowds one after the other, each of which speaks twice. */
async function run(transport: string, kind: CrowdKind): Promise<string[][]> {
  const echo = await startCrowdEcho()
  const gateway = await startGateway(
    { transport, worker_processes: String(workers) },
    { isLogged: false },
  )
  const rows: string[][] = []
  try {
    await gateway.write('POST', '/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
    await gateway.write('POST', '/services/echo/routes', { protocols: [kind], ...chosen[kind] })
    let before = await weigh(gateway)
    for (let round = 1; round <= crowds; round++) {
      const begun = performance.now()
      const crowd = await gather({ port: gateway.port, kind, sessions, name })
      const opened = performance.now() - begun
      const held = await weigh(gateway)
      const [first, second] = [await crowd.speak(), await crowd.speak()]
      const spoken = await weigh(gateway)
      await crowd.leave()
      await until('nobody is left', async () => (await gateway.connections()).active === 0)
      const after = await weigh(gateway)
      const lost = first.lost + second.lost
      const heard = first.answered + second.answered
      if (lost > 0 || heard !== sessions * 2) throw new Error(`${lost} of ${sessions} were lost`)
      const seconds = [opened, first.milliseconds, second.milliseconds]
      rows.push([
        `${transport}, ${kind}, crowd ${round}`,
        ...seconds.map((each) => (each / 1000).toFixed(1)),
        ...[before, held, spoken, after].map((each) => each.toFixed(0)),
      ])
      before = after
    }
    return rows
  } finally {
    await gateway.stop()
    echo.stop()
  }
}

const rows: string[][] = []
for (const transport of ['native', 'portable']) {
  for (const kind of ['tcp', 'tls'] as const) rows.push(...(await run(transport, kind)))
}
const heads = ['', 'opened, s', 'answered, s', 'again, s', 'before, MiB', 'held', 'spoken', 'gone']
const page = `# Results of a crowd

Written by the command below; not by hand.

- Command: \`npm run bench:crowd -- --sessions ${sessions} --workers ${workers}\`
${describeMachine()
  .map((fact) => `- ${fact}`)
  .join('\n')}

${sessions.toLocaleString('en')} sessions are opened by ${Math.ceil(sessions / 2500)} processes and held in silence; then all speak at once, twice; then all
leave. Behind is an echo in a process of its own. Every session got back what it said. Memory is what all ${workers} workers hold
resident, together.

${table([heads, ...rows])}
`
if (isWhole) writeFileSync(new URL('RESULTS-CROWD.md', import.meta.url), page)
process.stdout.write(page)
