import type { Definition, ReferenceRule } from '../definition.ts'
import type { EntityName, Rows, Snapshot } from '../rows.ts'
import { caCertificates } from './ca-certificates.ts'
import { certificates } from './certificates.ts'
import { consumers } from './consumers.ts'
import { keySets } from './key-sets.ts'
import { keys } from './keys.ts'
import { plugins } from './plugins.ts'
import { routes } from './routes.ts'
import { services } from './services.ts'
import { snis } from './snis.ts'
import { targets } from './targets.ts'
import { upstreams } from './upstreams.ts'
import { vaults } from './vaults.ts'

/** Every entity there is. */
export const definitions: { readonly [E in EntityName]: Definition } = {
  services,
  routes,
  upstreams,
  targets,
  certificates,
  snis,
  ca_certificates: caCertificates,
  plugins,
  consumers,
  keys,
  key_sets: keySets,
  vaults,
}

export const entityNames: readonly EntityName[] = Object.values(definitions).map(({ name }) => name)

export function isEntityName(name: string): name is EntityName {
  return Object.hasOwn(definitions, name)
}

/** One value for each entity. */
export function perEntity<T>(make: (entity: EntityName) => T): Readonly<Record<EntityName, T>> {
  const entries = entityNames.map((entity) => [entity, make(entity)])
  // The names are all of them; the compiler cannot count entries.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(entries) as Record<EntityName, T>
}

/** The rows of every entity. */
export function collectRows(
  rowsOf: <E extends EntityName>(entity: E) => readonly Rows[E][],
): Snapshot['rows'] {
  // Each entity is asked for its own rows; the compiler cannot pair the two.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return perEntity((entity) => rowsOf(entity)) as Snapshot['rows']
}

/** A reference, seen from the entity that is referred to. */
export interface Referrer {
  readonly definition: Definition
  readonly field: string
  readonly rule: ReferenceRule
}

/** Who refers to a collection. */
export function referrersOf(entity: string): readonly Referrer[] {
  return Object.values(definitions).flatMap((definition) =>
    Object.entries(definition.references)
      .filter(([, rule]) => rule.entity === entity)
      .map(([field, rule]) => ({ definition, field, rule })),
  )
}
