import { parseAddress } from '../../routing/address.ts'
import type { Listen } from '../../settings/listen.ts'

/** A listener as Kong shows it: where it listens, and for each flag there is whether it was set. */
export type ListenerShown = Readonly<Record<string, string | number | boolean>>

/** The flags in Kong's order; a pattern is the name of its flag until a value is given. */
const common = [
  'bind',
  'reuseport',
  'backlog=%d+',
  'ipv6only=on',
  'ipv6only=off',
  'so_keepalive=on',
  'so_keepalive=off',
  'so_keepalive=%w*:%w*:%d*',
]
const flags = {
  stream: ['udp', 'ssl', 'proxy_protocol', ...common],
  http: ['ssl', 'http2', 'proxy_protocol', 'deferred', ...common],
}

const patterns: Readonly<Record<string, RegExp>> = {
  'backlog=%d+': /^backlog=\d+$/,
  'so_keepalive=%w*:%w*:%d*': /^so_keepalive=\w*:\w*:\d*$/,
}

/** @param port as bound, in place of a 0 that leaves the choice to the system */
export function describeListener(
  listen: Listen,
  subsystem: 'stream' | 'http',
  port = listen.port,
): ListenerShown {
  const words = listen.raw.split(/\s+/).slice(1)
  const found = flags[subsystem].map((flag) => [flag, wordOf(flag, words)] as const)
  const ip = hostOf(listen.address)
  const place = listen.path === undefined ? `${ip}:${port}` : ip
  // Kong leaves `http2` out of the text: its nginx has another directive for it.
  const said = found.flatMap(([flag, word]) => (word === undefined || flag === 'http2' ? [] : word))
  return {
    ip,
    port,
    listener: [place, ...said].join(' '),
    ...Object.fromEntries(found.map(([flag, word]) => [word ?? flag, word !== undefined])),
  }
}

function wordOf(flag: string, words: readonly string[]): string | undefined {
  const pattern = patterns[flag]
  return words.find((word) => (pattern ? pattern.test(word) : word === flag))
}

/** Kong writes IPv6 addresses at full length, in brackets. */
function hostOf(address: string): string {
  const parsed = address.includes(':') ? parseAddress(address) : undefined
  if (parsed === undefined) return address
  const groups =
    parsed.family === 6
      ? parsed.groups
      : [0, 0, 0, 0, 0, 0xffff, parsed.value >>> 16, parsed.value & 0xffff]
  return `[${groups.map((group) => group.toString(16).padStart(4, '0')).join(':')}]`
}
