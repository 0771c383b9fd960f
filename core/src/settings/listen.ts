import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { resolve } from 'node:path'
import { Invalid, type Kind, type Place, splitList } from './kind.ts'
import { readDuration } from './units.ts'

/** One address to accept connections on. */
export interface Listen {
  /** An IP address without brackets, `localhost`, or `unix:PATH`. */
  readonly address: string
  /** 0 picks a free port, and stands for a unix socket. */
  readonly port: number
  /** Absolute path of a unix socket. */
  readonly path?: string
  readonly ssl: boolean
  /** Whether every connection begins with a PROXY header. */
  readonly proxyProtocol: boolean
  /** Length of the accept queue. */
  readonly backlog: number
  readonly ipv6Only: boolean
  /** Milliseconds of silence before the kernel probes the client, 0 for never; absent: `tcp_keepalive`. */
  readonly keepAlive?: number
  /** The entry as it was written. */
  readonly raw: string
}

interface Flags {
  ssl: boolean
  proxyProtocol: boolean
  backlog: number
  ipv6Only: boolean
  keepAlive?: number
}

/** The kernel holds a unix path in 108 bytes, the last of them zero. */
const longestUnixPath = 107
/** Kong's own length of the accept queue. */
const defaultBacklog = 16384

/** What may be said of a listener beside its address. */
export interface ListenRules {
  readonly ssl: boolean
  /** Whether HTTP is served there: Kong has flags for it. */
  readonly http?: boolean
}

/** Listeners as Kong writes them: `<ip>:<port> [flag ...]`, comma separated, or `off`. */
export function listeners(rules: ListenRules): Kind<readonly Listen[]> {
  return {
    accepts: 'list of `<ip>:<port> [flag ...]`, `unix:PATH`; `off`',
    parse(text, at) {
      const entries = splitList(text)
      if (entries[0] === 'off' && entries.length === 1) return Object.freeze([])
      if (entries.length === 0) throw malformed(at, rules, `'${text}' names no address`)
      const parsed = entries.map((entry) => Object.freeze(parseEntry(entry, at, rules)))
      refuseDuplicates(parsed, at)
      return Object.freeze(parsed)
    },
  }
}

/** What two listeners share when they cannot both be bound; nothing for a port that is picked later. */
export function bindingOf(listen: Listen): string | undefined {
  if (listen.path !== undefined) return listen.address
  return listen.port === 0 ? undefined : `${listen.address}:${listen.port}`
}

function parseEntry(entry: string, at: Place, rules: ListenRules): Listen {
  const [place = '', ...words] = entry.split(/\s+/)
  const where = place.startsWith('unix:') ? unixPlace(place, at) : tcpPlace(place)
  if (where === undefined) {
    throw malformed(
      at,
      rules,
      `'${entry}' has no <ip>:<port> ('localhost' is the only name; IPv6 in brackets)`,
    )
  }
  const flags: Flags = {
    ssl: false,
    proxyProtocol: false,
    backlog: defaultBacklog,
    ipv6Only: false,
  }
  for (const word of words) {
    const problem = applyFlag(flags, word, at, rules)
    if (problem !== undefined) throw malformed(at, rules, `${problem} in '${entry}'`)
  }
  if (flags.ssl && !rules.ssl) {
    throw new Invalid(`${at.name}: TLS is not served here; leave 'ssl' out of '${entry}'`)
  }
  return { ...where, ...flags, raw: entry }
}

function unixPlace(place: string, at: Place): Pick<Listen, 'address' | 'port' | 'path'> {
  const path = resolve(at.cwd, place.slice('unix:'.length))
  if (Buffer.byteLength(path) > longestUnixPath) {
    throw new Invalid(
      `${at.name}: the path of '${place}' is too long (${longestUnixPath} bytes at most)`,
    )
  }
  return { address: `unix:${path}`, port: 0, path }
}

function tcpPlace(place: string): Pick<Listen, 'address' | 'port'> | undefined {
  const [, host = '', digits = ''] = /^(.+):(\d{1,5})$/.exec(place) ?? []
  const port = Number(digits)
  const address = canonicalHost(host)
  return address === undefined || digits === '' || port > 65535 ? undefined : { address, port }
}

function canonicalHost(host: string): string | undefined {
  if (host === 'localhost' || isIPv4(host)) return host
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : ''
  if (!isIPv6(bare)) return undefined
  return new SocketAddress({ address: bare, family: 'ipv6' }).address
}

/** Says what is wrong with the flag, if anything. */
function applyFlag(
  flags: Flags,
  word: string,
  at: Place,
  { http }: ListenRules,
): string | undefined {
  const [key = '', value] = word.split(/=(.*)/, 2)
  const known = http === true ? httpFlagRules : flagRules
  const rule = Object.hasOwn(known, key) ? known[key] : undefined
  return rule ? rule(flags, value, at) : `'${word}' is not a flag`
}

type FlagRule = (flags: Flags, value: string | undefined, at: Place) => string | undefined

const bare =
  (apply: (flags: Flags, at: Place) => void): FlagRule =>
  (flags, value, at) => {
    if (value !== undefined) return `a flag has '=${value}' that takes no value`
    apply(flags, at)
    return undefined
  }

const flagRules: Readonly<Record<string, FlagRule>> = {
  ssl: bare((flags) => {
    flags.ssl = true
  }),
  // Each address has a socket of its own and each worker a queue of its own, whether asked for or not.
  bind: bare(() => undefined),
  reuseport: bare(() => undefined),
  udp: bare((_flags, { name }) => {
    throw new Invalid(`${name}: UDP is not served; leave out the entries with 'udp'`)
  }),
  proxy_protocol: bare((flags) => {
    flags.proxyProtocol = true
  }),
  backlog(flags, value = '') {
    if (!/^[1-9]\d{0,8}$/.test(value)) return `'backlog=${value}' is not a number above 0`
    flags.backlog = Number(value)
    return undefined
  },
  ipv6only(flags, value = '') {
    if (value !== 'on' && value !== 'off') return `'ipv6only=${value}' is neither on nor off`
    flags.ipv6Only = value === 'on'
    return undefined
  },
  so_keepalive: applyKeepAlive,
}

/** With those that Kong has for HTTP, on which nothing depends. */
const httpFlagRules: typeof flagRules = {
  ...flagRules,
  proxy_protocol: bare((_flags, { name }) => {
    throw new Invalid(
      `${name}: PROXY headers are read on stream_listen; leave out 'proxy_protocol'`,
    )
  }),
  deferred: bare(() => undefined),
  http2: bare((_flags, { name, warn }) =>
    warn(`${name}: http2 is ignored: HTTP/1.1 is served, which every client of HTTP/2 speaks`),
  ),
}

/** `on`, `off` or `<idle>:<interval>:<count>`; the interval and the count stay the kernel's. */
function applyKeepAlive(flags: Flags, value = '', at: Place): string | undefined {
  if (value === 'on') return undefined
  if (value === 'off') return setIdle(flags, '0')
  const [, idle, rest] = /^(\w*):(\w*:\d*)$/.exec(value) ?? []
  if (idle === undefined) {
    return `'so_keepalive=${value}' is not on, off or <idle>:<interval>:<count>`
  }
  if (rest !== ':') at.warn(`${at.name}: so_keepalive=${value}: only the idle time is used`)
  return idle === '' ? undefined : setIdle(flags, idle)
}

function setIdle(flags: Flags, idle: string): string | undefined {
  const milliseconds = readDuration(idle)
  if (milliseconds === undefined) return `'${idle}' of so_keepalive is not a duration such as 30m`
  flags.keepAlive = milliseconds
  return undefined
}

function refuseDuplicates(listens: readonly Listen[], at: Place): void {
  const seen = new Set<string>()
  for (const listen of listens) {
    const binding = bindingOf(listen)
    if (binding !== undefined && seen.has(binding)) {
      throw new Invalid(`${at.name} has ${binding} twice; name each address once`)
    }
    if (binding !== undefined) seen.add(binding)
  }
}

/** Kong's words for a bad entry, with the reason. */
function malformed(at: Place, rules: ListenRules, problem: string): Invalid {
  const ssl = rules.ssl ? ' [ssl]' : ''
  const others = rules.http === true ? ' [http2] [deferred]' : ' [proxy_protocol]'
  return new Invalid(
    `${at.name} must be of form: [off] | <ip>:<port>${ssl}${others} [bind] [reuseport] [backlog=%d+] [ipv6only=on] [ipv6only=off]` +
      ` [so_keepalive=on] [so_keepalive=off] [so_keepalive=%w*:%w*:%d*], [... next entry ...]: ${problem}`,
  )
}
