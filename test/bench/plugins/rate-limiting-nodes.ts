import { rmSync } from 'node:fs'
import { algorithms } from '../../../plugins/rate-limiting/src/rules.ts'
import { makeDatabaseOn } from '../../../core/src/store/postgres-database.fixture.ts'
import { makeServer } from '../../../core/src/store/postgres-server.fixture.ts'
import { bootstrap } from '../../../core/src/store/postgres-store.fixture.ts'
import { hammer } from '../../e2e/support/hammer.ts'
import { post, startNode, type ClusterNode } from '../cluster-nodes.ts'
import { table } from '../figures.ts'
import { cpuMicroseconds } from '../proc.ts'
import { serveEcho } from './connection-cost.ts'

const limit = 1000
const rates = [-1, 1, 0.1]

/** Eight processes dial one key through two nodes of one worker each, on one PostgreSQL, as fast as they can. */
export async function measureNodes(): Promise<string> {
  const server = await makeServer([])
  const echo = await serveEcho()
  const database = await makeDatabaseOn(server.port)
  await bootstrap(database)
  const nodes = [await startNode(database), await startNode(database)]
  const lines: string[][] = []
  try {
    const [{ admin }] = nodes as [ClusterNode]
    await post(admin, '/services', { name: 'up', url: `tcp://127.0.0.1:${echo.port}` })
    const route = { protocols: ['tcp'], sources: [{ ip: '127.0.0.0/8' }] }
    await post(admin, '/services/up/routes', route)
    for (const algorithm of algorithms) {
      for (const sync_rate of rates) {
        const whole = algorithm === 'token-bucket' ? { year: 1, burst: limit } : { year: limit }
        const config = { ...whole, algorithm, policy: 'cluster', sync_rate }
        lines.push([algorithm, String(sync_rate), ...(await admitted(nodes, config))])
      }
    }
  } finally {
    for (const node of nodes) await node.stop()
    await server.stop('immediate')
    rmSync(server.folder, { recursive: true, force: true })
    echo.close()
  }
  const head = ['8 clients, 2 nodes', 'sync_rate', `of ${limit}`, 'processor time of the nodes']
  return `Admitted of 8000 connections of one key by two nodes on one PostgreSQL, with policy=cluster, and the processor time of both for a connection, admitted or not:\n\n${table([head, ...lines])}`
}

async function admitted(nodes: readonly ClusterNode[], config: object): Promise<string[]> {
  const [first] = nodes as [ClusterNode]
  const created = await fetch(`${first.admin}/plugins`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'rate-limiting', config }),
  })
  const { id } = (await created.json()) as { id: string }
  for (const { admin } of nodes) await untilStatus(`${admin}/plugins/${id}`, 200)
  const before = cpuOf(nodes)
  const served = await hammer(
    nodes.map(({ port }) => port),
    1000,
  )
  const cost = (cpuOf(nodes) - before) / 8000
  await fetch(`${first.admin}/plugins/${id}`, { method: 'DELETE' })
  for (const { admin } of nodes) await untilStatus(`${admin}/plugins/${id}`, 404)
  return [String(served), `${cost.toFixed(0)} µs`]
}

function cpuOf(nodes: readonly ClusterNode[]): number {
  return nodes.reduce((sum, { pid }) => sum + cpuMicroseconds(pid), 0)
}

async function untilStatus(url: string, status: number): Promise<void> {
  while ((await fetch(url)).status !== status);
}
