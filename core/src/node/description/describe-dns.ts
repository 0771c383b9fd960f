import { serverText } from '../../settings/dns-values.ts'
import type { Settings } from '../../settings/schema.ts'

/** The settings of name resolution as Kong's clients read them: texts, times in seconds, what is not set absent. */
export function describeDns(settings: Settings): Readonly<Record<string, unknown>> {
  const { dns_resolver: servers, dns_valid_ttl: valid } = settings
  return {
    dns_resolver: servers.length === 0 ? undefined : servers.map(serverText),
    dns_valid_ttl: valid === undefined ? undefined : valid / 1000,
    dns_stale_ttl: settings.dns_stale_ttl / 1000,
    dns_not_found_ttl: settings.dns_not_found_ttl / 1000,
    dns_error_ttl: settings.dns_error_ttl / 1000,
  }
}
