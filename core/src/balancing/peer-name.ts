import { isIPv6 } from 'node:net'

/** What a peer goes by: `ip:port`, IPv6 in brackets. */
export function peerName(ip: string, port: number): string {
  return isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`
}
