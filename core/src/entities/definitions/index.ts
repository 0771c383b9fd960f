import type { Definition, ReferenceRule } from '../definition.ts'
import type { EntityName } from '../rows.ts'
import { caCertificates } from './ca-certificates.ts'
import { certificates } from './certificates.ts'
import { plugins } from './plugins.ts'
import { routes } from './routes.ts'
import { services } from './services.ts'
import { snis } from './snis.ts'

/** Every entity there is. */
export const definitions: { readonly [E in EntityName]: Definition } = {
  services,
  routes,
  certificates,
  snis,
  ca_certificates: caCertificates,
  plugins,
}

export const entityNames: readonly EntityName[] = Object.values(definitions).map(({ name }) => name)

export function isEntityName(name: string): name is EntityName {
  return Object.hasOwn(definitions, name)
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
