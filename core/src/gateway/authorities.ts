import type { ObjectSchema } from '@kong-ts/pdk'
import { authorityReferences, withAuthorities } from '../entities/authority-references.ts'
import type { Change, PluginRow } from '../entities/rows.ts'
import { PluginFailure } from '../errors/plugin-failure.ts'
import type { Catalogue } from '../plugins/catalogue.ts'
import { idOf } from './changes.ts'

interface Served {
  readonly catalogue: Pick<Catalogue, 'find'>
  /** The CA certificate that an id stands for now, in PEM. */
  authority(id: string): string | undefined
  /** The plugins that run now. */
  running(): Iterable<PluginRow>
}

/** The CA certificates that plugins name by their ids, as they will be once a change is swapped in. */
export class Authorities {
  readonly #served: Served
  /** Undefined: it will be gone. */
  readonly #changed = new Map<string, string | undefined>()

  constructor(changes: readonly Change[], served: Served) {
    this.#served = served
    for (const change of changes) {
      if (change.entity !== 'ca_certificates') continue
      this.#changed.set(idOf(change), change.op === 'put' ? change.row.cert : undefined)
    }
  }

  /** Whether one that the plugin names changes. */
  concern({ name, config }: PluginRow): boolean {
    if (this.#changed.size === 0) return false
    const schema = this.#served.catalogue.find(name)?.schema
    return (
      schema !== undefined &&
      authorityReferences(schema, config).some(({ id }) => this.#changed.has(id))
    )
  }

  /** The plugins that are to be set up anew although nothing is written about them. */
  followers(changes: readonly Change[]): readonly Change[] {
    if (this.#changed.size === 0) return []
    const written = new Set(
      changes.filter(({ entity }) => entity === 'plugins').map((change) => idOf(change)),
    )
    return [...this.#served.running()]
      .filter((row) => !written.has(row.id) && this.concern(row))
      .map((row) => ({ op: 'put', entity: 'plugins', row }))
  }

  /** A checked configuration with certificates in place of ids. @throws PluginFailure for one that is not there */
  fillIn({ id: plugin, name }: PluginRow, schema: ObjectSchema, config: unknown): unknown {
    const references = authorityReferences(schema, config)
    if (references.length === 0) return config
    const gone = references.find(({ id }) => this.#find(id) === undefined)
    if (gone) {
      const field = ['config', ...gone.path].join('.')
      const why = `its configuration (${plugin}) names a CA certificate that is not there: ${field}: ${gone.id}`
      throw new PluginFailure(name, 'setup', 'failed', why)
    }
    return withAuthorities(schema, config, (id) => this.#find(id))
  }

  #find(id: string): string | undefined {
    return this.#changed.has(id) ? this.#changed.get(id) : this.#served.authority(id)
  }
}
