import type { Certificate, Delta, PluginRow } from '../entities/rows.ts'
import { PluginFailure } from '../errors/plugin-failure.ts'
import type { Catalogue } from '../plugins/catalogue.ts'
import { PluginInstance, type InstanceHost } from '../plugins/instance.ts'
import { Authorities } from './authorities.ts'
import { latest } from './changes.ts'

/** A change with everything it needs: the instances it brings, by the id of the plugin's row. */
export interface Prepared {
  readonly delta: Delta
  readonly instances: ReadonlyMap<string, PluginInstance>
}

export interface Preparing {
  readonly catalogue: Catalogue
  /** @throws when no handshake could be done with it */
  check(row: Certificate): void
  readonly host: InstanceHost
  /** The CA certificate that an id stands for now, in PEM. */
  authority(id: string): string | undefined
  /** The plugins that run now. */
  running(): Iterable<PluginRow>
  /** Whether an instance of this name and configuration runs under this id already. */
  unchanged(row: PluginRow): boolean
}

/**
 * Sets up what a change needs; when one part fails, what was set up is torn down again. A plugin whose configuration
 * names a CA certificate that changes is set up anew.
 */
export async function prepareDelta(whole: Delta, context: Preparing): Promise<Prepared> {
  const latestChanges = latest(whole.changes)
  const authorities = new Authorities(latestChanges, context)
  const delta = { ...whole, changes: [...latestChanges, ...authorities.followers(latestChanges)] }
  for (const change of delta.changes) {
    if (change.op !== 'put' || change.entity !== 'certificates') continue
    context.check(change.row)
  }
  const rows = delta.changes.flatMap((change) =>
    change.op === 'put' && change.entity === 'plugins' && change.row.enabled ? [change.row] : [],
  )
  const settled = await Promise.allSettled(
    rows
      .filter((row) => authorities.concern(row) || !context.unchanged(row))
      .map(async (row) => [row.id, await setUp(row, context, authorities)] as const),
  )
  const instances = new Map(
    settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
  )
  const failure = settled.find((each) => each.status === 'rejected')
  if (!failure) return { delta, instances }
  for (const instance of instances.values()) instance.release()
  throw failure.reason
}

async function setUp(
  row: PluginRow,
  { catalogue, host }: Preparing,
  authorities: Authorities,
): Promise<PluginInstance> {
  const loaded = catalogue.find(row.name)
  if (!loaded) {
    const why = `it is enabled in the configuration (${row.id}) but not loaded; name it in the setting plugins, as KONG_PLUGINS=bundled,NAME or bundled,./FILE.ts`
    throw new PluginFailure(row.name, 'setup', 'failed', why)
  }
  const validated = loaded.validate(row.config)
  if (!validated.ok) {
    const why = `its configuration (${row.id}) is not valid: ${JSON.stringify(validated.fields)}`
    throw new PluginFailure(row.name, 'setup', 'failed', why)
  }
  const config = authorities.fillIn(row, loaded.schema, validated.value)
  return PluginInstance.create(row.id, loaded.plugin, config, host)
}
