import { validateHeaderValue } from 'node:http'
import type { Format } from './format.ts'

/** The header names of Kong (typedefs.header_name). */
const headerName = /^[A-Za-z0-9_-]+$/

/** Headers that a request has of its own, or that would change how it is framed; as they are commonly written. */
const ownHeaders = [
  'Host',
  'Content-Length',
  'Content-Type',
  'Transfer-Encoding',
  'Connection',
  'Expect',
]

/** The formats of plugins that speak HTTP. */
export const httpFormats: Readonly<Record<string, Format>> = {
  http_url: {
    accepts: (value) => complainOfUrl(value) === undefined,
    complain: (value) => complainOfUrl(value) ?? '',
  },
  header_name: {
    accepts: (value) => headerName.test(value) && ownHeader(value) === undefined,
    complain: (value) => {
      const own = ownHeader(value)
      return own === undefined
        ? `bad header name '${value}', allowed characters are A-Z, a-z, 0-9, '_', and '-'`
        : `cannot contain '${own}' header`
    },
  },
  header_value: {
    accepts: isHeaderValue,
    complain: () => 'cannot be sent as the value of a header',
  },
}

/** In Kong's words. The value itself may hold a password and is not repeated. */
function complainOfUrl(value: string): string | undefined {
  const [scheme, host] = /^(?:([^:/?#]*):)?(?:\/\/([^/?#]*))?/.exec(value)?.slice(1) ?? []
  if (!host) return 'missing host in url'
  if (!scheme) return 'missing scheme in url'
  if (!/^https?$/i.test(scheme)) return 'the scheme must be http or https'
  return URL.canParse(value) ? undefined : 'could not parse url'
}

function ownHeader(name: string): string | undefined {
  return ownHeaders.find((own) => own.toLowerCase() === name.toLowerCase())
}

function isHeaderValue(value: string): boolean {
  try {
    validateHeaderValue('name', value)
    return true
  } catch {
    return false
  }
}
