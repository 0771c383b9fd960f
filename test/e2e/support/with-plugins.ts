import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  startGateway,
  temporaryFolder,
  until,
  type GatewayOptions,
  type RunningGateway,
} from './gateway.ts'

/** Plugins as their authors write them, each the rest of its `definePlugin`, by name. */
export type Sources = Readonly<Record<string, string>>

/** A gateway with these plugins beside the bundled ones, each loaded from a file of its own far from the checkout. */
export function startWithPlugins(
  sources: Sources,
  options: GatewayOptions = {},
): Promise<RunningGateway> {
  const plugins = writePlugins(sources)
  return startGateway({ ...options, settings: { plugins, ...options.settings } })
}

/** The setting `plugins` that names the bundled ones and these, each in a file of its own. */
export function writePlugins(sources: Sources): string {
  const folder = temporaryFolder()
  const paths = Object.entries(sources).map(([name, rest], index) => {
    const path = join(folder, `${name}.ts`)
    const head = `name: '${name}', version: '1.0.0', priority: ${500 - index}`
    const schema = rest.includes('schema:') ? '' : "schema: { type: 'object', properties: {} },"
    writeFileSync(
      path,
      `import { definePlugin, passthrough, reject, slot, terminate } from '@kong-ts/pdk'
import { Transform } from 'node:stream'
export default definePlugin({ ${head}, ${schema} ${rest} })
`,
    )
    return path
  })
  return ['bundled', ...paths].join(',')
}

/** A service to this port and a plain route to it, which takes what reaches the gateway's first listener. */
export async function routeTo(
  gateway: RunningGateway,
  port: number,
  more: object = {},
): Promise<void> {
  const service = { name: 'up', protocol: 'tcp', host: '127.0.0.1', port, ...more }
  await gateway.create('/services', service)
  const destinations = [{ port: gateway.port }]
  await gateway.create('/services/up/routes', { name: 'plain', protocols: ['tcp'], destinations })
}

/** A connection as it is serialized, as far as the tests look at it. */
export interface LoggedConnection {
  readonly ending: string
  readonly reason?: string
  readonly session: {
    readonly status: number
    readonly received: number
    readonly sent: number
    readonly tls?: object
  }
  readonly tries: readonly object[]
  readonly client_port: number
  readonly latencies: { readonly queue?: number }
  readonly route: { readonly name: string }
  readonly sni?: string
}

/** Logs every connection to a file, as Kong serializes it; the answer reads what is there once there are so many lines. */
export async function follow(
  gateway: RunningGateway,
): Promise<(count: number) => Promise<LoggedConnection[]>> {
  const path = join(temporaryFolder(), 'connections.log')
  await gateway.create('/plugins', { name: 'file-log', config: { path } })
  const lines = () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [])
  return async (count) => {
    await until(
      () => lines().length >= count,
      () => `${count} lines expected:\n${lines().join('\n')}\n${gateway.output()}`,
    )
    return lines().map((line) => JSON.parse(line))
  }
}
