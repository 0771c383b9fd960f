import type { Schema } from '@kong-ts/pdk'
import type { FormValue } from './form-body.ts'

/** No digit can be matched in two ways: a megabyte of them must not stop the node. */
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

/** Types the texts of a form by a schema, as Kong does; what does not fit stays a text, for the check to refuse. */
export function inferTypes(schema: Schema, value: FormValue): unknown {
  if (value === '' || value === null) return null
  if (schema.type === 'array') return inferList(schema.items ?? {}, value)
  if (typeof value === 'string') return inferScalar(schema, value)
  if (Array.isArray(value)) return value.map((item) => inferTypes(schema, item))
  return inferRecord(schema, value)
}

function inferList(items: Schema, value: FormValue): readonly unknown[] {
  const list: readonly FormValue[] = Array.isArray(value) ? value : [value]
  return list.map((item) => inferTypes(items, item))
}

function inferRecord(schema: Schema, value: FormValue): unknown {
  const { properties = {}, additionalProperties: rest } = schema
  const others = typeof rest === 'object' ? rest : {}
  const entries = Object.entries(value ?? {}).map(([name, item]: [string, FormValue]) => {
    const field = Object.hasOwn(properties, name) ? properties[name] : others
    return [name, inferTypes(field ?? {}, item)]
  })
  return Object.fromEntries(entries)
}

function inferScalar(schema: Schema, text: string): unknown {
  if (schema.type === 'boolean') return inferBoolean(text)
  if (schema.type === 'integer' || schema.type === 'number') {
    return number.test(text) ? Number(text) : text
  }
  const choices = schema.type === undefined ? (schema.enum ?? []) : []
  return choices.find((choice) => String(choice) === text) ?? text
}

function inferBoolean(text: string): boolean | string {
  return text === 'true' ? true : text === 'false' ? false : text
}
