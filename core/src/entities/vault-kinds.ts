import type { ObjectSchema } from '@kong-ts/pdk'
import type { FieldErrors } from '../errors/entity-error.ts'
import type { Refined } from './definition.ts'
import type { Fields } from './fields.ts'
import { isFields } from './fields.ts'
import { readRecord, reportInto } from './read-value.ts'

/** What `config` holds for each kind of vault. */
export const vaultKinds: Readonly<Record<string, ObjectSchema>> = {
  env: {
    type: 'object',
    properties: {
      prefix: {
        type: 'string',
        format: 'variable-prefix',
        description: 'What the names of the environment variables begin with.',
      },
    },
  },
}

/** What is wrong with the name of a kind of vault that is not there. */
export function faultOfVault(name: string): string | undefined {
  return Object.hasOwn(vaultKinds, name) ? undefined : notInstalled(name)
}

function notInstalled(name: string): string {
  return `vault '${name}' is not installed`
}

/** Checks and completes `config` by the kind of the vault. */
export function refineVault(row: Fields): Refined {
  const name = String(row['name'])
  const kind = Object.hasOwn(vaultKinds, name) ? vaultKinds[name] : undefined
  if (kind === undefined) return { ok: false, errors: { name: notInstalled(name) } }
  const errors: FieldErrors = {}
  const given = isFields(row['config']) ? row['config'] : {}
  const config = readRecord(kind, kind.properties, given, ['config'], reportInto(errors))
  return Object.keys(errors).length > 0
    ? { ok: false, errors }
    : { ok: true, row: { ...row, config } }
}
