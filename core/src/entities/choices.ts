import type { FieldErrors } from '../errors/entity-error.ts'
import type { Check } from './definition.ts'
import type { Fields } from './fields.ts'

type Names = readonly [string, ...string[]]

/** Of these fields one has to be set. */
export function atLeastOne(...fields: Names): Check {
  return over(fields, 'at_least_one_of', (set) =>
    set === 0 ? 'at least one of these fields must be non-empty' : undefined,
  )
}

/** Of these fields two must not be set. */
export function atMostOne(...fields: Names): Check {
  return over(fields, 'mutually_exclusive', (set) =>
    set > 1 ? 'only one or none of these fields must be set' : undefined,
  )
}

/** The values of these fields differ, where they are set. */
export function distinct(...fields: Names): Check {
  return {
    on: fields,
    fault(row) {
      const values = fields.map((field) => row[field]).filter((value) => isSet(value))
      if (new Set(values).size === values.length) return undefined
      return entityFault(`values of these fields must be distinct: ${quoted(fields)}`)
    },
    rule: { distinct: fields },
  }
}

/** What a condition demands of a field: to be set, or to be one of some values. */
type Demand = { readonly required: true } | { readonly one_of: readonly string[] }

/** A field has to be thus when another one has this value. */
export function whenEqual(field: string, value: string, then: string, demand: Demand): Check {
  return {
    on: [field, then],
    fault(row) {
      const fault = row[field] === value ? faultOf(row[then], demand) : undefined
      if (fault === undefined) return undefined
      const whole = `failed conditional validation given value of field '${field}'`
      return { [then]: fault, '@entity': [whole] }
    },
    rule: {
      conditional: {
        if_field: field,
        if_match: { eq: value },
        then_field: then,
        then_match: demand,
      },
    },
  }
}

function faultOf(value: unknown, demand: Demand): string | undefined {
  if ('required' in demand) return isSet(value) ? undefined : 'required field missing'
  if (!isSet(value) || demand.one_of.includes(String(value))) return undefined
  return `expected one of: ${demand.one_of.join(', ')}`
}

function over(
  fields: Names,
  word: string,
  faultOfCount: (set: number) => string | undefined,
): Check {
  return {
    on: fields,
    fault(row: Fields) {
      const fault = faultOfCount(fields.filter((field) => isSet(row[field])).length)
      return fault === undefined ? undefined : entityFault(`${fault}: ${quoted(fields)}`)
    },
    rule: { [word]: fields },
  }
}

function entityFault(fault: string): FieldErrors {
  return { '@entity': [fault] }
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined
}

function quoted(fields: readonly string[]): string {
  return fields.map((field) => `'${field}'`).join(', ')
}
