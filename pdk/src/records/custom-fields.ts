import { compileExpression } from './expression.ts'
import { jsonLine, recordLine } from './json-line.ts'
import type { Log } from '../kit.ts'
import { parseFieldPath, putField } from './put-field.ts'
import { reasonOf } from '../reason-of.ts'
import type { Summary } from '../contexts.ts'

/** The fields of a plugin that writes down connections; spread them among its `properties`. */
export const customFieldsFields = {
  custom_fields: {
    type: 'object',
    propertyNames: { format: 'field_path' },
    additionalProperties: { type: 'string', format: 'expression' },
    maxProperties: 64,
    description:
      'fields to add, change or (null) remove: by name, a dot leading into an object, an expression of CEL over the keys of the line',
  },
  custom_fields_by_lua: {
    type: 'object',
    additionalProperties: { type: 'string', format: 'not_lua' },
    description: 'not supported: use custom_fields',
  },
} as const

/** The value of `custom_fields`. */
export type CustomFields = Readonly<Record<string, string>>

/**
 * How a plugin words connections: as one line of JSON, without its line end, with the fields that an operator asked
 * for. Expressions see the connection as it is serialized, not one another's fields. One that has no value leaves its
 * field out, and so no part of what it was to hide is told; the first, the tenth, the hundredth such time is logged.
 */
export function lineWriter(
  { custom_fields: fields = {} }: { readonly custom_fields?: CustomFields | undefined },
  log: Log,
): (summary: Pick<Summary, 'serialize'>) => string {
  const customs = Object.entries(fields).map(([name, text]) => new CustomField(name, text, log))
  if (customs.length === 0) return jsonLine
  return (summary) => {
    const record = summary.serialize()
    const values = customs.map((field) => field.evaluate(record))
    customs.forEach((field, index) => field.put(record, values[index]))
    return recordLine(record)
  }
}

class CustomField {
  readonly #name: string
  readonly #log: Log
  readonly #path
  readonly #expression
  #faults = 0

  constructor(name: string, text: string, log: Log) {
    this.#name = name
    this.#log = log
    this.#path = parseFieldPath(name)
    this.#expression = compileExpression(text)
  }

  evaluate(record: Readonly<Record<string, unknown>>): unknown {
    try {
      return this.#expression(record)
    } catch (error) {
      this.#complain(error)
      return undefined
    }
  }

  put(record: Record<string, unknown>, value: unknown): void {
    try {
      putField(record, this.#path, value)
    } catch (error) {
      this.#complain(error)
    }
  }

  #complain(error: unknown): void {
    const times = ++this.#faults
    if (!Number.isInteger(Math.log10(times))) return
    const reason = reasonOf(error)
    const fields = { custom_field: this.#name, error: reason, times }
    this.#log.warn(fields, `the custom field ${this.#name} has no value and is left out: ${reason}`)
  }
}
