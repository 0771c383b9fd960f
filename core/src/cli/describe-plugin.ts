import type { PluginListing } from '../node/control/control-contract.ts'
import { schemaFields, type SchemaField } from './schema-fields.ts'
import { table } from './table.ts'

/** A plugin with its configuration, field by field, for people to read. */
export function describePlugin(
  listing: PluginListing,
  options: { readonly styled: boolean },
): string {
  const fields = schemaFields(listing.schema).map(rowOf)
  return [
    `${listing.name} ${listing.version}`,
    ...(listing.description === '' ? [] : [listing.description]),
    '',
    `priority   ${listing.priority}`,
    `phases     ${listing.phases.join(', ')}`,
    `protocols  ${listing.protocols.join(', ')}`,
    `from       ${listing.from}`,
    '',
    fields.length === 0
      ? 'It has nothing to configure.'
      : table(['CONFIG', 'TYPE', 'DEFAULT', 'MEANING'], fields, options),
  ].join('\n')
}

function rowOf({ name, type, fallback, meaning }: SchemaField): readonly string[] {
  return [name, type, fallback, meaning]
}
