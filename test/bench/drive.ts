import { parseIperf, parseTimed, parseWrk, type WrkReport } from './load-reports.ts'
import { serverName, type Identity } from './identity.ts'
import { loopback } from './network.ts'
import { capture } from './processes.ts'
import { bulkPath } from './upstreams.ts'

/** What a load goes to, and for how long. */
export interface Aim {
  readonly port: number
  readonly seconds: number
  readonly identity: Identity | undefined
}

/** How much was done, and in which time. */
export interface Done {
  readonly units: number
  readonly seconds: number
}

export type Drive = (aim: Aim) => Promise<Done>

const bytesPerGigabyte = 1_000_000_000
const atOnce = 16

/** What is waited beyond the time that a load is given. */
const patience = 20

/** OpenSSL's clients take what they offer from a file. */
function offer({ identity }: Aim): Readonly<Record<string, string>> {
  if (identity === undefined) throw new Error('there is no certificate')
  return { OPENSSL_CONF: identity.clientConfiguration }
}

async function wrk(
  aim: Aim,
  scheme: 'http' | 'https',
  connections: number,
  rest: readonly string[],
  path = '/',
): Promise<WrkReport> {
  const isTls = scheme === 'https'
  const url = `${scheme}://${isTls ? serverName : loopback}:${aim.port}${path}`
  const args = ['-t1', `-c${connections}`, `-d${aim.seconds}s`, ...rest, url]
  const report = parseWrk(
    await capture('wrk', args, aim.seconds + patience, isTls ? offer(aim) : {}),
  )
  const { requests, faults } = report
  if (requests === 0 || faults > requests / 1000) {
    throw new Error(`${faults} of ${requests} requests failed`)
  }
  return report
}

/** Small requests, counted. */
export function requestsOf(scheme: 'http' | 'https', headers: readonly string[]): Drive {
  return async (aim) => {
    const { requests, seconds } = await wrk(aim, scheme, atOnce, headers)
    return { units: requests, seconds }
  }
}

/** Gigabytes (10^9 bytes) from upstream to client, over TLS. */
export const fetchTls: Drive = async (aim) => {
  const { bytes, seconds } = await wrk(aim, 'https', 1, [], bulkPath)
  return { units: bytes / bytesPerGigabyte, seconds }
}

/** Gigabytes (10^9 bytes) from client to upstream. */
export function bulkOf(streams: number): Drive {
  return async ({ port, seconds }) => {
    const args = ['-c', loopback, '-p', `${port}`, '-t', `${seconds}`, '-P', `${streams}`, '-J']
    const done = parseIperf(await capture('iperf3', args, seconds + patience))
    return { units: done.bytes / bytesPerGigabyte, seconds: done.seconds }
  }
}

/** TLS handshakes, each of a connection with one small request. */
export const handshakes: Drive = async (aim) => {
  const to = ['-connect', `${loopback}:${aim.port}`, '-new', '-www', '/', '-time', `${aim.seconds}`]
  const begun = performance.now()
  const texts = await Promise.all(
    Array.from({ length: atOnce }, () =>
      capture('openssl', ['s_time', ...to], aim.seconds + patience, offer(aim)),
    ),
  )
  const seconds = (performance.now() - begun) / 1000
  const units = texts.map(parseTimed).reduce((sum, count) => sum + count, 0)
  if (units === 0) throw new Error('no handshake was completed')
  return { units, seconds }
}
