import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../errors/message-of.ts'
import { certificate, privateKey } from '../settings/pem.ts'
import { CertificateError, checkKeyPairs } from './key-pairs.ts'
import { readPair, setAside, writePair } from './pair-files.ts'
import { type CertifiedKey, createSelfSigned } from './self-signed.ts'

export interface DefaultCertificates {
  /** One per type of key. */
  readonly pairs: readonly CertifiedKey[]
  /** For the error log. */
  readonly warnings: readonly string[]
}

const files = { rsa: 'kong-default', ec: 'kong-default-ecdsa' } as const

const subject = {
  C: 'US',
  ST: 'California',
  L: 'San Francisco',
  O: 'kong-ts',
  OU: 'IT Department',
} as const

/**
 * The certificates for clients that name no other: the configured ones (each a path, PEM or base64 PEM), or a pair
 * for RSA and one for ECDSA, made at the first start and kept in `PREFIX/ssl`. Errors name `setting`.
 * @throws Invalid or CertificateError, naming the setting; the file system's error when `PREFIX/ssl` cannot be used
 */
export async function loadDefaultCertificates(
  prefix: string,
  sslCert: readonly string[],
  sslCertKey: readonly string[],
  setting: 'ssl_cert' | 'admin_ssl_cert' | 'status_ssl_cert' = 'ssl_cert',
): Promise<DefaultCertificates> {
  if (sslCert.length > 0 || sslCertKey.length > 0) {
    return { pairs: configured(prefix, sslCert, sslCertKey, setting), warnings: [] }
  }
  const folder = join(prefix, 'ssl')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const loaded = await Promise.all([loadOrMake(folder, 'rsa'), loadOrMake(folder, 'ec')])
  return {
    pairs: loaded.map(({ pair }) => pair),
    warnings: loaded.flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
  }
}

function configured(
  prefix: string,
  certs: readonly string[],
  keys: readonly string[],
  setting: string,
): readonly CertifiedKey[] {
  if (keys.length === 0) throw new CertificateError(`${setting}_key must be specified`)
  if (certs.length === 0) throw new CertificateError(`${setting} must be specified`)
  if (certs.length !== keys.length) {
    throw new CertificateError(
      `${setting} was specified ${certs.length} times while ${setting}_key was specified ${keys.length} times`,
    )
  }
  const at = { cwd: process.cwd(), prefix, warn: () => undefined }
  const pairs = certs.map((cert, index) => ({
    cert: certificate().parse(cert, { ...at, name: setting }),
    key: privateKey().parse(keys[index] ?? '', { ...at, name: `${setting}_key` }),
  }))
  checkConfigured(pairs, setting)
  return pairs
}

function checkConfigured(pairs: readonly CertifiedKey[], setting: string): void {
  try {
    checkKeyPairs(pairs)
  } catch (cause) {
    throw new CertificateError(`${setting}: ${messageOf(cause)}`, { cause })
  }
}

/**
 * A pair that cannot be used (cut short by a crash, or half of it replaced by hand) is moved aside and made anew: a
 * self-signed default is not worth a gateway that does not start, and what an operator put there is not ours to
 * destroy. Files that may not be read are an error all the same: something else is wrong then.
 */
async function loadOrMake(
  folder: string,
  key: 'rsa' | 'ec',
): Promise<{ pair: CertifiedKey; warning?: string }> {
  const path = join(folder, files[key])
  const found = await readPair(path)
  if (found.state === 'whole') return { pair: found.pair }
  if (found.state === 'broken') await setAside(path)
  const pair = await createSelfSigned({
    key,
    commonName: 'localhost',
    subject,
    names: ['localhost', '127.0.0.1', '::1'],
    days: 20 * 365,
  })
  await writePair(path, pair)
  if (found.state === 'absent') return { pair }
  const kept = `${path}.{crt,key}.unusable`
  return {
    pair,
    warning: `the default certificate ${path}.crt was made anew: ${found.why}; the old files are ${kept}`,
  }
}
