import type { FieldErrors } from '../errors/entity-error.ts'
import type { Check } from './definition.ts'
import { fieldOf, isFields, type Fields } from './fields.ts'

/** What custom TLVs are together at most, in bytes, so that a header keeps well below what receivers take. */
const longestCustom = 1024
/** Type and length of a TLV, in bytes. */
const overhead = 3

/** The types that are left to applications (section 2.2.8 of the specification). */
const customType = /^0xE[\dA-F]$/i

/** What the fields of `proxyProtocol` have to be together. */
export const proxyProtocolChecks: readonly Check[] = [
  {
    on: ['proxy_protocol', 'proxy_protocol_tlvs'],
    fault: (row) =>
      isFields(fieldOf(row, 'proxy_protocol_tlvs')) && row['proxy_protocol'] !== 'v2'
        ? { proxy_protocol_tlvs: "can only be set when 'proxy_protocol' is 'v2'" }
        : undefined,
  },
  { on: ['proxy_protocol_tlvs'], fault: faultOfCustom },
]

function faultOfCustom(row: Fields): FieldErrors | undefined {
  const tlvs = fieldOf(row, 'proxy_protocol_tlvs')
  const custom = isFields(tlvs) ? fieldOf(tlvs, 'custom') : undefined
  if (!isFields(custom)) return undefined
  const fault = faultOfTypes(Object.keys(custom)) ?? faultOfLength(Object.values(custom))
  return fault === undefined ? undefined : { proxy_protocol_tlvs: { custom: fault } }
}

function faultOfTypes(types: readonly string[]): FieldErrors | undefined {
  const known = new Set<number>()
  for (const type of types) {
    if (!customType.test(type)) return { [type]: 'expected a type from 0xE0 to 0xEF' }
    if (known.has(Number(type))) return { [type]: 'this type is there twice' }
    known.add(Number(type))
  }
  return undefined
}

function faultOfLength(texts: readonly unknown[]): string | undefined {
  const length = texts.reduce<number>(
    (sum, text) => sum + overhead + Buffer.byteLength(String(text)),
    0,
  )
  return length > longestCustom
    ? `length must be at most ${longestCustom} bytes, ${overhead} more for each type`
    : undefined
}
