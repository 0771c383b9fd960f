import type { Schema } from '@kong-ts/pdk'
import { definitions, perEntity } from './definitions/index.ts'
import { isFields } from './fields.ts'
import type { Fields } from './fields.ts'
import { faultOfFormat } from './formats.ts'
import type { EntityName } from './rows.ts'

/** What is wrong with a value that is not null. */
type Check = (value: unknown) => string | undefined

/** The formats that are looked at: the others cost more, or were less strict once. */
const matched: ReadonlySet<string> = new Set(['host', 'ip-or-cidr', 'sni'])

/**
 * What is wrong with a row that was read back: a field that is missing, or a value that could never have been written.
 * Rows have passed their definitions before they were stored, so that this is for those that somebody edited since. It
 * is made for hundreds of thousands of rows, and looks at types, choices, ranges and what connections are matched by.
 */
export function faultOfStored(entity: EntityName, row: Fields): string | undefined {
  for (const [field, check, required] of checks[entity]) {
    const value = row[field]
    if (value === null || value === undefined) {
      if (required) return `${field} is missing`
      continue
    }
    const fault = check(value)
    if (fault !== undefined) return `${field} ${fault}`
  }
  return undefined
}

const checks = perEntity((entity) => {
  const { schema } = definitions[entity]
  return Object.entries(schema.properties).map(
    ([field, property]) =>
      [field, checkOf(property), schema.required?.includes(field) === true] as const,
  )
})

function checkOf(schema: Schema): Check {
  switch (schema.type) {
    case 'string':
      return checkOfText(schema)
    case 'integer':
    case 'number':
      return checkOfNumber(schema)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? undefined : 'is no boolean')
    case 'array':
      return checkOfArray(schema)
    case 'object':
      return checkOfObject(schema)
    default:
      return () => undefined
  }
}

function checkOfText({ enum: choices, format }: Schema): Check {
  const allowed = choices && new Set<unknown>(choices)
  const ofFormat = format !== undefined && matched.has(format) ? format : undefined
  return (value) => {
    if (typeof value !== 'string') return 'is no text'
    if (allowed && !allowed.has(value)) return 'is none of its choices'
    const fault = ofFormat && faultOfFormat(ofFormat, value)
    return fault && `is wrong: ${fault}`
  }
}

function checkOfNumber({
  type,
  enum: choices,
  minimum = -Infinity,
  maximum = Infinity,
}: Schema): Check {
  return (value) => {
    if (typeof value !== 'number') return 'is no number'
    if (type === 'integer' && !Number.isInteger(value)) return 'is no whole number'
    if (choices && !choices.includes(value)) return 'is none of its choices'
    return value >= minimum && value <= maximum ? undefined : 'is out of range'
  }
}

function checkOfArray({ items = {} }: Schema): Check {
  const check = checkOf(items)
  return (value) => {
    if (!Array.isArray(value)) return 'is no list'
    for (const item of value) {
      const fault = item === null ? 'is missing' : check(item)
      if (fault !== undefined) return `has an element that ${fault}`
    }
    return undefined
  }
}

/** A reference is an object with an id, and a record has no required field that could be null. */
function checkOfObject({ properties }: Schema): Check {
  const fields = Object.entries(properties ?? {}).map(
    ([name, property]) => [name, checkOf(property)] as const,
  )
  return (value) => {
    if (!isFields(value)) return 'is no object'
    for (const [name, check] of fields) {
      const inner = value[name]
      const fault = inner === null || inner === undefined ? undefined : check(inner)
      if (fault !== undefined) return `has ${name}, which ${fault}`
    }
    return undefined
  }
}
