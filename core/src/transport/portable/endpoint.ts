import type { Endpoint } from '@kong-ts/pdk'

const unixPrefix = 'unix:'
const mappedPrefix = '::ffff:'

/** The path of a unix socket's endpoint, undefined for TCP. */
export function unixPath(endpoint: Endpoint): string | undefined {
  return endpoint.address.startsWith(unixPrefix)
    ? endpoint.address.slice(unixPrefix.length)
    : undefined
}

/**
 * An endpoint as the kernel reports it. An IPv4 peer of a dual-stack socket arrives as `::ffff:a.b.c.d`
 * (RFC 4291 section 2.5.5.2) and is written as the IPv4 address it is, so that routes and logs see one form.
 */
export function endpointOf(address: string, port: number): Endpoint {
  const mapped = address.startsWith(mappedPrefix) && address.includes('.')
  return { address: mapped ? address.slice(mappedPrefix.length) : address, port }
}
