import { constants, type KeyObject, verify } from 'node:crypto'
import { promisify } from 'node:util'
import { DerError, DerReader, numbered, tags } from './der.ts'

/** How something is signed; `hash` is undefined where the algorithm brings its own. */
export interface Algorithm {
  readonly hash: string | undefined
  readonly isPss: boolean
}

/** By the bytes of their object identifiers, in hex (RFC 8017, RFC 5758, RFC 8410). */
const algorithms: Readonly<Record<string, Algorithm>> = {
  '2a864886f70d01010b': { hash: 'sha256', isPss: false },
  '2a864886f70d01010c': { hash: 'sha384', isPss: false },
  '2a864886f70d01010d': { hash: 'sha512', isPss: false },
  '2a8648ce3d040302': { hash: 'sha256', isPss: false },
  '2a8648ce3d040303': { hash: 'sha384', isPss: false },
  '2a8648ce3d040304': { hash: 'sha512', isPss: false },
  '2b6570': { hash: undefined, isPss: false },
  '2b6571': { hash: undefined, isPss: false },
}

const rsaPss = '2a864886f70d01010a'

const hashes: Readonly<Record<string, string>> = {
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
}

/** Reads an AlgorithmIdentifier. @throws DerError for one that is not known, or too weak: SHA-1 and MD5 */
export function readAlgorithm(contents: Buffer): Algorithm {
  const reader = new DerReader(contents)
  const oid = reader.take(tags.oid).hex
  const algorithm = oid === rsaPss ? { hash: readPssHash(reader), isPss: true } : algorithms[oid]
  if (!algorithm) throw new DerError(`its signature algorithm (${oid}) is not supported`)
  return algorithm
}

/** RFC 8017 section A.2.3; without parameters it is SHA-1. */
function readPssHash(reader: DerReader): string {
  const explicit = reader.take(tags.sequence).parts.take(numbered(0)).parts
  const identifier = explicit.take(tags.sequence).parts
  const oid = identifier.take(tags.oid).hex
  const hash = hashes[oid]
  if (hash === undefined) throw new DerError(`its hash (${oid}) is not supported`)
  return hash
}

const verifyElsewhere = promisify(verify)

/** Whether a signature is that of a key; a key of another kind has not signed. Found out in another thread. */
export async function isSigned(
  data: Uint8Array,
  signature: Uint8Array,
  { hash, isPss }: Algorithm,
  key: KeyObject,
): Promise<boolean> {
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_AUTO: saltLength } = constants
  const how = isPss ? { key, padding, saltLength } : key
  try {
    return await verifyElsewhere(hash, data, how, signature)
  } catch {
    // OpenSSL refuses to try a key with an algorithm that is not its own.
    return false
  }
}
