import { once } from 'node:events'
import { nestPairs, type FormValue } from '../admin/bodies/form-body.ts'
import { endEcho, makeEcho } from './echo.ts'

export interface DevOptions {
  readonly config: readonly string[]
  readonly route: readonly string[]
  readonly upstream?: string
  readonly listen: string
  readonly admin: string
}

interface DevConfiguration {
  /** Settings by name. */
  readonly settings: Readonly<Record<string, string>>
  /** What connections are sent to, where nothing else was named. */
  readonly upstream: AsyncDisposable | undefined
}

/** A gateway without a database, in one process, whose only route leads through the plugin. */
export async function devConfiguration(
  name: string,
  options: DevOptions,
): Promise<DevConfiguration> {
  const echo = options.upstream === undefined ? await serveEcho() : undefined
  const { protocols = ['tcp'], ...match } = readPairs(options.route, 'route')
  const route = {
    name: 'dev',
    protocols: list(protocols),
    ...Object.fromEntries(Object.entries(match).map(([field, value]) => [field, list(value)])),
    ...(Object.keys(match).length === 0 && { sources: [{ ip: '0.0.0.0/0' }, { ip: '::/0' }] }),
    plugins: [{ name, config: readPairs(options.config, 'config') }],
  }
  const services = [{ name: 'dev', url: options.upstream ?? echo?.url, routes: [route] }]
  return {
    settings: {
      database: 'off',
      declarative_config_string: JSON.stringify({ _format_version: '3.0', services }),
      stream_listen: options.listen,
      admin_listen: options.admin,
      status_listen: 'off',
      worker_processes: '1',
      log_level: 'warn',
    },
    upstream: echo,
  }
}

function list(value: unknown): unknown {
  return Array.isArray(value) ? value : [value]
}

/** `limit.second=5` is `{ limit: { second: 5 } }`; a key that is given twice is a list: as in a form. */
function readPairs(pairs: readonly string[], option: string): Readonly<Record<string, unknown>> {
  const split = pairs.map((pair): readonly [string, string] => {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (key !== undefined && text !== undefined) return [key, text]
    throw new Error(`--${option}: expected key=value, not '${pair}'`)
  })
  return mapValues(nestPairs(split, deepest))
}

/** Levels of a key: a configuration has few. */
const deepest = 32

function mapValues(form: Readonly<Record<string, FormValue>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [name, typed(value)]))
}

function typed(value: FormValue): unknown {
  if (typeof value === 'string') return readValue(value)
  if (value === null) return null
  if (isList(value)) return value.map(typed)
  return mapValues(value)
}

function isList(value: FormValue): value is readonly FormValue[] {
  return Array.isArray(value)
}

/** Numbers, lists and the like are written as JSON; everything else is text. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function serveEcho(): Promise<AsyncDisposable & { readonly url: string }> {
  const echo = makeEcho()
  const { server } = echo
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `tcp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      endEcho(echo)
      await closed
    },
  }
}
