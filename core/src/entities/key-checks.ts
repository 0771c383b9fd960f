import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { FieldErrors } from '../errors/entity-error.ts'
import type { Fields } from './fields.ts'
import { fieldOf, isFields } from './fields.ts'

/** A JSON Web Key (RFC 7517) as a text: it names the key by the same `kid`, and can be loaded. */
export function faultOfJwk({ jwk, kid }: Fields): FieldErrors | undefined {
  if (typeof jwk !== 'string') return undefined
  const key = parse(jwk)
  if (key === undefined) return whole('could not json decode jwk string')
  if (key['kid'] !== kid) return whole('kid in jwk.kid must be equal to keys.kid')
  return isUsableJwk(key) ? undefined : whole('could not load JWK, likely not a valid key')
}

/** The PEM of a key pair: each half can be loaded, and one belongs to the other. */
export function faultOfPemPair({ pem }: Fields): FieldErrors | undefined {
  if (!isFields(pem)) return undefined
  const open = load(fieldOf(pem, 'public_key'), createPublicKey)
  if (open === null) return { pem: 'could not load public key' }
  const secret = load(fieldOf(pem, 'private_key'), createPrivateKey)
  if (secret === null) return { pem: 'could not load private key' }
  if (!open || !secret || createPublicKey(secret).equals(open)) return undefined
  return { pem: 'public key does not match private key' }
}

function whole(fault: string): FieldErrors {
  return { '@entity': [fault] }
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    // What the text is wrong in is of no use: it may be a secret.
    return undefined
  }
}

/** A symmetric key (`oct`) is its own octets; any other is loaded. */
function isUsableJwk(key: Fields): boolean {
  if (key['kty'] === 'oct') return typeof key['k'] === 'string'
  try {
    createPublicKey({ key, format: 'jwk' })
    return true
  } catch {
    return false
  }
}

/** Undefined where there is none, null where it cannot be loaded. */
function load(pem: unknown, read: (pem: string) => KeyObject): KeyObject | undefined | null {
  if (typeof pem !== 'string') return undefined
  try {
    return read(pem)
  } catch {
    return null
  }
}
