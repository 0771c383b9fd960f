/** Characters of text in a value: a field of a log line is not a copy of it. */
const largest = 16_384

/**
 * The value of an expression as JSON can say it: whole numbers as numbers where these are exact, else as text;
 * timestamps in ISO 8601, durations in seconds (`1.5s`), bytes in base64. Null and empty optionals are undefined.
 * @throws for a value that is none (an infinite number, a type) and for one of more than 16,384 characters
 */
export function toPlain(value: unknown): unknown {
  return convert(value, { left: largest })
}

interface Budget {
  left: number
}

function convert(value: unknown, budget: Budget): unknown {
  switch (typeof value) {
    case 'string':
      return spend(value, budget)
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`${value} is no number of JSON`)
      return value
    case 'bigint':
      return wordInteger(value)
    case 'boolean':
      return value
    case 'object':
      return value === null ? undefined : convertObject(value, budget)
    default:
      return undefined
  }
}

function convertObject(value: object, budget: Budget): unknown {
  // A list without end costs, too, when there is nothing in it.
  spend(' ', budget)
  if (Array.isArray(value)) return value.map((each) => convert(each, budget) ?? null)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return spend(Buffer.from(value).toString('base64'), budget)
  if (value instanceof Map) return convertEntries([...value], budget)
  if (isOptional(value)) return value.hasValue() ? convert(value.value(), budget) : undefined
  return isRecord(value) ? convertEntries(Object.entries(value), budget) : convertOther(value)
}

function convertEntries(entries: readonly (readonly [unknown, unknown])[], budget: Budget): object {
  return Object.fromEntries(
    entries.flatMap(([key, inner]) => {
      const plain = convert(inner, budget)
      return plain === undefined ? [] : [[spend(String(key), budget), plain]]
    }),
  )
}

/** Unsigned integers and durations, which the library has classes for; nothing else has a value. */
function convertOther(value: object): unknown {
  const primitive: unknown = value.valueOf()
  if (typeof primitive === 'bigint') return wordInteger(primitive)
  if (typeof primitive === 'number') return `${primitive / 1000}s`
  throw new TypeError('the value is a type')
}

function wordInteger(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

function spend(text: string, budget: Budget): string {
  budget.left -= text.length
  if (budget.left < 0) throw new RangeError(`the value is larger than ${largest} characters`)
  return text
}

interface Optional {
  hasValue(): boolean
  value(): unknown
}

function isOptional(value: object): value is Optional {
  return 'hasValue' in value && typeof value.hasValue === 'function' && 'value' in value
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
