import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { messageOf } from '../errors/message-of.ts'
import type { CertifiedKey } from './self-signed.ts'

/** A certificate that cannot be served; the message says why. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

/**
 * `tls.createSecureContext` takes a key of another certificate without a word, and of two certificates of one type it
 * serves the last: both are found here.
 * @throws CertificateError with Kong's words
 */
export function checkKeyPairs(pairs: readonly CertifiedKey[]): void {
  const types = new Set<string>()
  for (const [index, pair] of pairs.entries()) {
    const { privateKey, matches } = parsePair(pair)
    if (!matches) {
      throw new CertificateError(
        `${index === 0 ? '' : 'alternative '}certificate does not match key`,
      )
    }
    types.add(privateKey.asymmetricKeyType ?? '')
  }
  if (types.size < pairs.length) {
    throw new CertificateError(
      'certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), ' +
        'the provided certificates were both of the same type',
    )
  }
}

function parsePair({ cert, key }: CertifiedKey): { privateKey: KeyObject; matches: boolean } {
  const certificate = attempt('certificate', () => new X509Certificate(cert))
  const privateKey = attempt('key', () => createPrivateKey(key))
  return { privateKey, matches: certificate.checkPrivateKey(privateKey) }
}

function attempt<T>(what: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new CertificateError(`invalid ${what}: ${messageOf(cause)}`, { cause })
  }
}
