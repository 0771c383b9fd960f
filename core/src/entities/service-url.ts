import { schemaViolation } from '../errors/entity-error.ts'
import type { Fields } from './fields.ts'

const parts =
  /^(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?#@]*@)?(?<host>\[[^\]]*\]|[^:/?#]*)(?::(?<port>\d*))?)?(?<path>[^?#]*)/

/**
 * Expands the write-only `url` of a service into `protocol`, `host`, `port` and `path`. Without a port it is
 * 443 for https and 80 for everything else, as in Kong. `unix:/path` means a unix socket, spoken to in plain TCP.
 * @throws EntityError for a `url` that is no text
 */
export function expandUrl(body: Fields): Fields {
  const { url, ...rest } = body
  if (url === undefined || url === null) return rest
  if (typeof url !== 'string') throw schemaViolation({ url: 'expected a string' })
  if (url.startsWith('unix:/')) return { ...rest, protocol: 'tcp', host: url, port: 0, path: null }
  return { ...rest, ...partsOf(url) }
}

function partsOf(url: string): Fields {
  const { scheme, host, port, path } = split(url)
  const protocol = scheme?.toLowerCase() ?? (Number(port) === 443 ? 'https' : 'http')
  return {
    protocol,
    host: orNull(host.replace(/^\[(.*)\]$/, '$1')),
    port: port === '' ? defaultPort(protocol) : Number(port),
    path: orNull(path),
  }
}

function split(url: string) {
  const { scheme, host = '', port = '', path } = parts.exec(url)?.groups ?? {}
  return { scheme, host, port, path }
}

function defaultPort(protocol: string): number {
  return protocol === 'https' ? 443 : 80
}

function orNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text
}
