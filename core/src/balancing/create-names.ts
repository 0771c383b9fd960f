import type { Settings } from '../settings/schema.ts'
import { createAsk, type Servers } from './dns/ask.ts'
import { type Clock, systemClock } from './dns/clock.ts'
import { freshFile } from './dns/fresh-file.ts'
import type { Lifetimes } from './dns/known-name.ts'
import { createLocalNames } from './dns/local-names.ts'
import { createLookUp, familiesOf } from './dns/look-up.ts'
import { NameCache } from './dns/name-cache.ts'
import { parseResolvConf, type ResolvConf } from './dns/resolv-conf.ts'
import type { Names } from './names.ts'

type DnsSettings = Pick<
  Settings,
  | 'dns_resolver'
  | 'dns_hostsfile'
  | 'dns_order'
  | 'dns_valid_ttl'
  | 'dns_stale_ttl'
  | 'dns_not_found_ttl'
  | 'dns_error_ttl'
  | 'dns_cache_size'
>

/** What a test puts in the place of the machine. */
interface Machine {
  readonly clock?: Clock
  readonly random?: () => number
  readonly resolvConf?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Seconds after which the hosts file is looked at again for those who watch a name in it. */
const hostsTtl = 1

/** The port of the name servers that resolv.conf names. */
const usualPort = 53

/** Resolves names by asking name servers (RFC 1035) for what the hosts file does not know. */
export function createNames(settings: DnsSettings, machine: Machine = {}): Names {
  const { clock = systemClock, random = Math.random, env = process.env } = machine
  const { resolvConf = '/etc/resolv.conf' } = machine
  const { dns_order: order, dns_hostsfile: hostsFile } = settings
  const families = familiesOf(order)
  const conf = freshFile(resolvConf, (text) => parseResolvConf(text, env), clock)
  const local = createLocalNames({ hostsFile, families }, clock)
  const lookUp = createLookUp({
    ask: createAsk(() => serversOf(conf(), settings.dns_resolver), clock),
    clock,
    order,
    search: conf,
    patience: () => patienceOf(conf()),
    local(host) {
      const answer = local.find(host)
      return answer && { is: 'found', ...answer, ttl: hostsTtl, isLocal: true }
    },
  })
  const cache = new NameCache(
    { lookUp, clock, random, lifetimes: lifetimesOf(settings) },
    settings.dns_cache_size,
  )
  return {
    resolve: (host) => local.find(host) ?? cache.use(host.toLowerCase()).resolve(),
    watch(host, changed) {
      const answer = local.unchanging(host)
      if (!answer) return { close: cache.watch(host.toLowerCase(), changed) }
      changed(answer)
      return { close: () => undefined }
    },
  }
}

function lifetimesOf(settings: DnsSettings): Lifetimes {
  return {
    valid: settings.dns_valid_ttl,
    stale: settings.dns_stale_ttl,
    notFound: settings.dns_not_found_ttl,
    error: settings.dns_error_ttl,
  }
}

function serversOf(conf: ResolvConf, given: Settings['dns_resolver']): Servers {
  const { attempts, rotate, servers } = conf
  return {
    servers: given.length > 0 ? given : servers.map((address) => ({ address, port: usualPort })),
    timeout: conf.timeout * 1000,
    attempts,
    rotate,
  }
}

/** Room for at least two questions, so that one that goes unanswered is not the last. */
function patienceOf({ timeout, attempts }: ResolvConf): number {
  return timeout * 1000 * Math.max(2, attempts)
}
