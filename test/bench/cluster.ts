import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { routeRow, serviceRow } from '../../core/src/gateway/rows.fixture.ts'
import { makeDatabaseOn } from '../../core/src/store/postgres-database.fixture.ts'
import { makeServer } from '../../core/src/store/postgres-server.fixture.ts'
import { bootstrap, openNode } from '../../core/src/store/postgres-store.fixture.ts'
import type { PostgresOptions } from '../../core/src/store/postgres-options.ts'
import { end, isAnswered, post, serveHello, spawnNode, startNode } from './cluster-nodes.ts'
import { median } from './figures.ts'
import { describeMachine } from './machine.ts'
import { cpuMicroseconds } from './proc.ts'

/**
 * `npm run bench:cluster`: how soon three nodes on one PostgreSQL server follow a change that one of them has
 * answered, and how long a node with a large configuration takes from its start to its first connection.
 */
const rounds = 200
const starts = 5
const many = 100_000
/** Below the ports that clients are given: a client that dials before anybody listens might meet itself. */
const fixedPort = 21_555

const hello = await serveHello()
const postgres = await makeServer([])
try {
  const delays = process.env['SKIP'] ? [1] : await measureDelays(await newDatabase())
  const page = describe(delays, await measureStarts(await newDatabase()))
  writeFileSync(new URL('RESULTS-CLUSTER.md', import.meta.url), page)
  process.stdout.write(page)
} finally {
  await postgres.stop('immediate')
  rmSync(postgres.folder, { recursive: true, force: true })
  hello.close()
}

async function newDatabase(): Promise<PostgresOptions> {
  const database = await makeDatabaseOn(postgres.port)
  await bootstrap(database)
  return database
}

/** Milliseconds from the 201 of one node to the answer over the first connection that follows, on both others. */
async function measureDelays(database: PostgresOptions): Promise<readonly number[]> {
  const nodes = [await startNode(database), await startNode(database), await startNode(database)]
  try {
    await post(nodes[0]!.admin, '/services', { name: 's', url: `tcp://127.0.0.1:${hello.port}` })
    const delays: number[] = []
    for (let round = 0; round < rounds; round++) {
      const from = `127.${1 + (round >> 8)}.${round & 255}.1`
      const [writer, ...others] = [0, 1, 2].map((n) => nodes[(round + n) % 3]!)
      const followed = others.map(async ({ port }) => {
        while (!(await isAnswered(port, from)));
        return performance.now()
      })
      const route = { protocols: ['tcp'], sources: [{ ip: from }], service: { name: 's' } }
      await post(writer!.admin, '/routes', route)
      const answered = performance.now()
      for (const each of followed) delays.push(Math.max(0, (await each) - answered))
    }
    return delays
  } finally {
    for (const node of nodes) await node.stop()
  }
}

interface Start {
  readonly seconds: number
  /** Seconds of processor time of the node until then. */
  readonly cpu: number
}

/** From the start of a process in a new prefix to the answer over its first connection. */
async function measureStarts(database: PostgresOptions): Promise<readonly Start[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-'))
  const store = await openNode(database, join(folder, 'writer'))
  const changes = [
    { op: 'put', entity: 'services', row: serviceRow('s', { port: hello.port }) } as const,
    ...Array.from({ length: many }, (_, n) => {
      const id = `route-${String(n).padStart(6, '0')}`
      const last = n === many - 1
      const more = last ? {} : { protocols: ['tls'], snis: [`n${n}.example`], sources: null }
      return { op: 'put', entity: 'routes', row: routeRow(id, 's', more) } as const
    }),
  ]
  await store.commit({ base: 0, revision: 1, changes })
  await store.close()
  const measured: Start[] = []
  for (let n = 0; n < starts; n++) {
    measured.push(await measureStart(database, mkdtempSync(join(folder, 'new-'))))
  }
  rmSync(folder, { recursive: true, force: true })
  return measured
}

async function measureStart(database: PostgresOptions, prefix: string): Promise<Start> {
  const begun = performance.now()
  const child = spawnNode(database, prefix, fixedPort)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  try {
    while (!(await isAnswered(fixedPort, '127.0.0.1'))) {
      if (child.exitCode !== null) throw new Error(said)
    }
    const seconds = (performance.now() - begun) / 1000
    return { seconds, cpu: cpuMicroseconds(child.pid ?? 0) / 1e6 }
  } finally {
    await end(child)
  }
}

function describe(delays: readonly number[], measured: readonly Start[]): string {
  const sorted = delays.toSorted((a, b) => a - b)
  const at = (share: number) =>
    `${(sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1)} ms`
  const both = (all: readonly number[]) =>
    `${median(all).toFixed(2)} s | ${Math.max(...all).toFixed(2)} s`
  const facts = [
    ...describeMachine(),
    `Load of the machine over five minutes: ${loadavg()[1]?.toFixed(1)}`,
  ]
  return `# Results of the benchmark of several nodes

Written by \`npm run bench:cluster\`; not by hand.

${facts.map((fact) => `- ${fact}`).join('\n')}

| three nodes on one PostgreSQL server, ${delays.length} changes followed | median | 99 % | worst |
| --- | --- | --- | --- |
| from the 201 of one node to the answer over the first connection of another that follows | ${at(0.5)} | ${at(0.99)} | ${at(1)} |

| start with ${many.toLocaleString('en')} routes from PostgreSQL, ${measured.length} times | median | worst |
| --- | --- | --- |
| from the start of the process to the answer over its first connection | ${both(measured.map(({ seconds }) => seconds))} |
| processor time of the node until then | ${both(measured.map(({ cpu }) => cpu))} |

Every node has one worker, no access log and, for the starts, a new prefix; clients, nodes, upstream and database share the machine. The database server runs without \`fsync\`, which delays the 201 and not what comes after it.
`
}
