import type { PluginListing } from '../node/control/control-contract.ts'
import { table } from './table.ts'

const heading = ['NAME', 'VERSION', 'PRIORITY', 'PHASES', 'PROTOCOLS', 'FROM', 'ENABLED ON']

/** The plugins, those that run earlier first. */
export function pluginsTable(
  listings: readonly PluginListing[],
  options: { readonly running: boolean; readonly styled: boolean },
): string {
  const rows = listings
    .toSorted((a, b) => b.priority - a.priority || a.name.localeCompare(b.name))
    .map((listing) => [
      listing.name,
      listing.version,
      String(listing.priority),
      listing.phases.join(','),
      listing.protocols.join(','),
      listing.from,
      options.running ? listing.enabledOn.join(', ') || '-' : '(not running)',
    ])
  return table(heading, rows, options)
}
