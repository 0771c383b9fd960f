import { existingFile, nameServers, queryOrder } from './dns-values.ts'
import { integer, optional } from './kind.ts'
import type { Setting } from './setting.ts'
import { duration } from './units.ts'

/** The settings of name resolution, with the names of both of Kong's clients. */
export const dnsSchema = {
  dns_resolver: {
    kind: nameServers(),
    default: '',
    aliases: ['resolver_address'],
    description:
      'Name servers. Not set: those of `/etc/resolv.conf`, which is read again when it changes.',
  },
  dns_hostsfile: {
    kind: existingFile('/etc/hosts'),
    default: '/etc/hosts',
    aliases: ['resolver_hosts_file'],
    description: 'Names that no server is asked for. It is read again when it changes.',
  },
  dns_order: {
    kind: queryOrder(),
    default: 'LAST,SRV,A,AAAA,CNAME',
    aliases: ['resolver_family'],
    description:
      'Types of records, in the order in which a name is asked for; `A` beside `AAAA` are asked for together. `LAST`: what the name had last time. `CNAME` is followed anyway.',
  },
  dns_valid_ttl: {
    kind: optional(duration({ min: '0s', max: '365d' })),
    default: '',
    aliases: ['resolver_valid_ttl'],
    description: 'How long an answer holds. Not set: as long as its records say.',
  },
  dns_stale_ttl: {
    kind: duration({ min: '0s', max: '365d' }),
    default: '3600s',
    aliases: ['resolver_stale_ttl'],
    description:
      'How long the last good answer serves after its time while name servers fail. 0: not at all.',
  },
  dns_not_found_ttl: {
    kind: duration({ min: '0s', max: '1d' }),
    default: '30s',
    description: 'How long it holds that a name does not exist or has no address.',
  },
  dns_error_ttl: {
    kind: duration({ min: '0s', max: '1d' }),
    default: '1s',
    aliases: ['resolver_error_ttl'],
    description:
      'How long nobody is asked after name servers have failed. A name is asked for once per second at most, whatever the settings.',
  },
  dns_cache_size: {
    kind: integer({ min: 1, max: 10_000_000 }),
    default: '10000',
    aliases: ['resolver_lru_cache_size'],
    description:
      'Names that each process remembers beside those of targets; the least recently used one goes.',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>
