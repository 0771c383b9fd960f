import { mkdirSync } from 'node:fs'

import { serverName } from './identity.ts'
import { loopback } from './network.ts'
import { start, until, type Started } from './processes.ts'
import type { Route, Site } from './site.ts'

export const kongCommand = new URL('../../core/bin/kong-ts', import.meta.url).pathname

const main = new URL('../../core/src/main.ts', import.meta.url).pathname

export type Transport = 'native' | 'portable'

export function startKong(site: Site, transport: Transport): Started {
  const { folder, routes, adminPort, identity, isProfiled } = site
  const listen = routes.map((route) => `${loopback}:${route.listen}`).join(', ')
  // Node names what V8 compiles in a file that perf finds.
  const [command, before] = isProfiled
    ? [process.execPath, ['--perf-basic-prof', `--logfile=${folder}/v8.log`, main]]
    : [kongCommand, []]
  return start(command, [...before, 'start', '-p', folder], {
    KONG_STREAM_LISTEN: listen,
    KONG_ADMIN_LISTEN: `${loopback}:${adminPort}`,
    KONG_WORKER_PROCESSES: '1',
    KONG_TRANSPORT: transport,
    KONG_ACCESS_LOG: 'off',
    ...(identity && { KONG_SSL_CERT: identity.certificate, KONG_SSL_CERT_KEY: identity.key }),
  })
}

/** Starts the gateway, configures it as an operator would, and stops it: the store keeps what it was told. */
export async function prepareKong(site: Site, transport: Transport): Promise<void> {
  mkdirSync(site.folder, { recursive: true })
  const gateway = startKong({ ...site, isProfiled: false }, transport)
  try {
    await configureKong(site, gateway)
  } finally {
    await gateway.stop()
  }
}

/** What a route says beside its port, by what it carries. */
const matching = {
  plain: { protocols: 'tcp' },
  tls: { protocols: 'tls' },
  sni: { protocols: 'tls_passthrough', snis: serverName },
} as const

/** Waits for the Admin API, then makes a service and a route for each listener. */
async function configureKong({ adminPort, routes, folder }: Site, gateway: Started): Promise<void> {
  const admin = `http://${loopback}:${adminPort}`
  await until('the Admin API answers', () => isReady(`${admin}/status`), gateway)
  for (const route of routes) {
    const service = `${admin}/services/${route.name}`
    const url = `tcp://${loopback}:${route.upstream}`
    await post(`${admin}/services`, { name: route.name, url })
    await post(`${service}/routes`, match(route))
    if (route.guarded) await guard(`${service}/plugins`, folder)
  }
}

function match({ carries, listen }: Route): Readonly<Record<string, string>> {
  return { ...matching[carries], 'destinations[1].port': String(listen) }
}

/** Who may come, how often, and a line of log about it. */
async function guard(plugins: string, folder: string): Promise<void> {
  await post(plugins, { name: 'ip-restriction', 'config.allow[1]': '127.0.0.0/8' })
  await post(plugins, { name: 'rate-limiting', 'config.second': '1000000' })
  await post(plugins, { name: 'file-log', 'config.path': `${folder}/connections.log` })
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url)
    await answer.body?.cancel()
    return answer.ok
  } catch {
    // Nobody listens yet.
    return false
  }
}

async function post(url: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`)
  await answer.body?.cancel()
}
