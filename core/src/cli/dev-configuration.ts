import { once } from 'node:events'
import { createServer } from 'node:net'

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

type Fields = { [name: string]: unknown }

/** `limit.second=5` is `{ limit: { second: 5 } }`; a key that is given twice is a list. */
function readPairs(pairs: readonly string[], option: string): Fields {
  const fields: Fields = {}
  for (const pair of pairs) {
    const [, path, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
    if (path === undefined || text === undefined) {
      throw new Error(`--${option}: expected key=value, not '${pair}'`)
    }
    put(fields, path.split('.'), readValue(text))
  }
  return fields
}

function put(fields: Fields, [name = '', ...rest]: readonly string[], value: unknown): void {
  const before = fields[name]
  if (rest.length > 0) {
    const inner = isFields(before) ? before : {}
    fields[name] = inner
    put(inner, rest, value)
  } else if (before === undefined) fields[name] = value
  else fields[name] = Array.isArray(before) ? [...before, value] : [before, value]
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // A client may reset at any time: that ends its connection and nothing else.
    socket.on('error', () => socket.destroy())
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `tcp://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
