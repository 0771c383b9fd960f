import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isVaultReference } from './vault-reference.ts'

/** Cuts in linear time, whatever the text is. */
const beginning = /(?=-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----)/

/** The certificates of a PEM text, the leaf first; throws what OpenSSL says of the first that it cannot read. */
export function readCertificates(text: string): readonly [X509Certificate, ...X509Certificate[]] {
  const [leaf = text, ...chain] = text.split(beginning).filter((part) => part.startsWith('-----'))
  return [new X509Certificate(leaf), ...chain.map((pem) => new X509Certificate(pem))]
}

/** The private key of a PEM text; throws what OpenSSL says. */
export function readKey(text: string): KeyObject {
  return createPrivateKey(text)
}

/** Whether the key belongs to the first certificate; both texts have been checked. */
export function isPair(certificate: string, key: string): boolean {
  return readCertificates(certificate)[0].checkPrivateKey(readKey(key))
}

/** A reference to a secret is looked up when it is used. */
export function faultOfCertificate(text: string): string | undefined {
  if (isVaultReference(text)) return undefined
  return faultOf('invalid certificate', () => readCertificates(text))
}

export function faultOfKey(text: string): string | undefined {
  if (isVaultReference(text)) return undefined
  return faultOf('invalid key', () => readKey(text))
}

/** OpenSSL's errors name routines and reasons; they never quote the text. */
function faultOf(what: string, read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return `${what}: ${error instanceof Error ? error.message : 'unreadable'}`
  }
}
