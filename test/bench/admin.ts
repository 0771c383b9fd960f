/** `npm run bench:admin`: what a large configuration costs through the Admin API. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { AdminClient } from './admin-client.ts'
import { freePort, loopback } from './network.ts'
import { residentKib } from './proc.ts'
import { start, until, type Started } from './processes.ts'

const command = new URL('../../core/bin/kong-ts', import.meta.url).pathname
const total = Number(process.argv[2] ?? 10_000)
const workers = 2

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`

interface Node {
  readonly gateway: Started
  readonly admin: AdminClient
  readonly stream: number
}

async function startNode(prefix: string, env: Readonly<Record<string, string>>): Promise<Node> {
  const [adminPort, stream] = [await freePort(), await freePort()]
  const gateway = start(command, ['start', '-p', prefix], {
    KONG_STREAM_LISTEN: `${loopback}:${stream}`,
    KONG_ADMIN_LISTEN: `${loopback}:${adminPort}`,
    KONG_WORKER_PROCESSES: String(workers),
    KONG_ACCESS_LOG: 'off',
    ...env,
  })
  const admin = new AdminClient(adminPort)
  await until('the Admin API answers', () =>
    admin.ask('GET', '/status', 200).then(
      () => true,
      () => false,
    ),
  )
  return { gateway, admin, stream }
}

async function timed<T>(work: () => Promise<T>): Promise<[milliseconds: number, result: T]> {
  const begun = performance.now()
  const result = await work()
  return [performance.now() - begun, result]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

/** A server that greets and echoes, so that a client knows it has been carried. */
async function greeter(port: number): Promise<() => void> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.write('hello')
    socket.pipe(socket)
  })
  server.listen(port, loopback)
  await once(server, 'listening')
  return () => server.close()
}

async function isCarried(port: number, from: string): Promise<boolean> {
  const socket = connect({ port, host: loopback, localAddress: from })
  // Bytes that are no TLS decide at once; a silent client would wait for `preread_silence`.
  socket.write('hello')
  const ended = Promise.race([once(socket, 'close'), once(socket, 'error')]).then(() => false)
  const greeted = once(socket, 'data').then(
    () => true,
    () => false,
  )
  const carried = await Promise.race([ended, greeted])
  socket.destroy()
  return carried
}

const service = (n: number, port: number) => ({
  name: `service-${n}`,
  url: `tcp://${loopback}:${port}`,
})
const route = (n: number) => ({
  name: `route-${n}`,
  protocols: ['tls'],
  snis: [`name-${n}.example`],
  service: { name: `service-${n}` },
})

async function writeOneByOne(admin: AdminClient, port: number): Promise<void> {
  const thousands: number[] = []
  for (let from = 0; from < total; from += 500) {
    const [took] = await timed(async () => {
      for (let n = from; n < from + 500; n++) {
        await admin.ask('POST', '/services', 201, service(n, port))
        await admin.ask('POST', '/routes', 201, route(n))
      }
    })
    thousands.push(took)
  }
  const all = thousands.reduce((sum, took) => sum + took, 0)
  const [first = NaN, last = NaN] = [thousands.at(0), thousands.at(-1)]
  say(`${2 * total} entities one by one: ${(all / 1000).toFixed(1)} s`)
  say(`  the first thousand: ${ms(first)}, the last: ${ms(last)}`)
  const half = thousands.slice(0, thousands.length / 2).reduce((sum, took) => sum + took, 0)
  say(`  the first ${total}: ${(half / 1000).toFixed(1)} s`)
}

async function readPages(admin: AdminClient): Promise<void> {
  for (const entity of ['services', 'routes']) {
    const times: number[] = []
    let path: string | null = `/${entity}?size=1000`
    for (let page = 0; page < 10 && path !== null; page++) {
      const [took, text]: [number, string] = await timed(() => admin.ask('GET', path ?? '', 200))
      times.push(took)
      path = (JSON.parse(text) as { next: string | null }).next
    }
    say(`a page of 1000 ${entity}: median ${ms(median(times))}, worst ${ms(Math.max(...times))}`)
  }
}

/** From the request to the first connection that the new route carries. */
async function followRoutes({ admin, stream }: Node): Promise<void> {
  const times: number[] = []
  for (let n = 0; n < 30; n++) {
    const from = `127.0.1.${n + 1}`
    const [took] = await timed(async () => {
      const body = { protocols: ['tcp'], sources: [{ ip: from }], service: { name: 'service-0' } }
      await admin.ask('POST', '/routes', 201, body)
      await until('the route is followed', () => isCarried(stream, from))
    })
    times.push(took)
  }
  say(
    `a POST, until its route carries: median ${ms(median(times))}, worst ${ms(Math.max(...times))}`,
  )
}

async function measureStore(folder: string, port: number): Promise<void> {
  const prefix = join(folder, 'stored')
  const node = await startNode(prefix, {})
  const before = residentKib(node.gateway.pid)
  await writeOneByOne(node.admin, port)
  await readPages(node.admin)
  await followRoutes(node)
  node.admin.close()
  await node.gateway.stop()
  const [took, again] = await timed(() => startNode(prefix, {}))
  say(`started again with ${total} routes: ${ms(took)}`)
  const resident = residentKib(again.gateway.pid)
  const perThousand = (resident - before) / 1024 / (total / 1000)
  say(
    `resident, ${1 + workers} processes: ${(resident / 1024).toFixed(0)} MiB, empty ${(before / 1024).toFixed(0)} MiB`,
  )
  say(`  per 1,000 routes with a service each: ${perThousand.toFixed(1)} MiB over all processes`)
  again.admin.close()
  await again.gateway.stop()
}

/** A document as one would write it: JSON is a way to write a value in YAML. */
function yamlOf({ services, routes }: Readonly<Record<string, readonly object[]>>): string {
  const rows = (list: readonly object[] = []) =>
    list.flatMap((row) =>
      Object.entries(row).map(
        ([name, value], index) =>
          `${index === 0 ? '  - ' : '    '}${name}: ${JSON.stringify(value)}`,
      ),
    )
  return [
    '_format_version: "3.0"',
    'services:',
    ...rows(services),
    'routes:',
    ...rows(routes),
  ].join('\n')
}

async function measureDeclarative(folder: string, port: number): Promise<void> {
  const { gateway, admin, stream } = await startNode(join(folder, 'declared'), {
    KONG_DATABASE: 'off',
  })
  const all = Array.from({ length: total }, (_, n) => n)
  const plain = { name: 'plain', protocols: ['tcp'], sources: [{ ip: '127.0.0.1' }] }
  const entities = (changed: number) => ({
    services: all.map((n) => ({ ...service(n, port), retries: n === 0 ? changed : 5 })),
    routes: [
      ...all.map((n) => ({ ...route(n), service: `service-${n}` })),
      { ...plain, service: 'service-1' },
    ],
  })
  await admin.ask('POST', '/config', 201, {
    _format_version: '3.0',
    services: [service(1, port)],
    routes: [{ ...plain, service: 'service-1' }],
  })
  const live = connect(stream, loopback)
  await once(live, 'data')
  const documents = [
    ['JSON, first', { _format_version: '3.0', ...entities(5) }],
    ['JSON, one service changed', { _format_version: '3.0', ...entities(6) }],
    ['YAML, one service changed', yamlOf(entities(7))],
  ] as const
  for (const [what, body] of documents) {
    const [took] = await timed(() => admin.ask('POST', '/config', 201, body))
    say(`a declarative configuration of ${total} routes and services, ${what}: ${ms(took)}`)
  }
  live.write('still there')
  const [echoed] = (await once(live, 'data')) as [Buffer]
  say(`  a connection from before: ${echoed.toString()}`)
  live.destroy()
  admin.close()
  await gateway.stop()
}

const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-admin-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const port = await freePort()
const close = await greeter(port)
await measureStore(folder, port)
await measureDeclarative(folder, port)
close()
process.exit(0)
