import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import { bits, integer, oid, printable, read, sequence, set, time, tlv, utf8 } from './der.ts'
import { writeExtensions } from './extensions.ts'

/** A certificate and its private key, both PEM (PKCS #8). */
export interface CertifiedKey {
  readonly cert: string
  readonly key: string
}

export interface SelfSignedOptions {
  /** RSA with 2048 bits, or the curve P-256. */
  readonly key: 'rsa' | 'ec'
  readonly commonName: string
  /** What else the subject says, from the country down. */
  readonly subject?: Readonly<Partial<Record<'C' | 'ST' | 'L' | 'O' | 'OU', string>>>
  /** Subject alternative names: DNS names, IP addresses, URIs. */
  readonly names?: readonly string[]
  /** Days from now; with a negative number the certificate has expired already. */
  readonly days: number
  readonly ca?: boolean
  /** Who signs; absent: the new key itself. */
  readonly issuer?: CertifiedKey
}

const generate = promisify(generateKeyPair)
const day = 86_400_000
/** Clocks of clients may be behind. */
const skew = 3_600_000

/**
 * Makes a key and an X.509 certificate for it (RFC 5280), signed with SHA-256. For default certificates and tests:
 * a leaf may authenticate servers and clients.
 * @throws TypeError for a name that no certificate can carry, or an issuer whose key is neither RSA nor EC
 */
export async function createSelfSigned(options: SelfSignedOptions): Promise<CertifiedKey> {
  const pair = await newPair(options.key)
  const subject = writeName(options)
  const subjectKeyId = keyIdOf(pair.publicKey)
  const issuer = options.issuer
    ? readIssuer(options.issuer)
    : { name: subject, key: pair.privateKey, keyId: subjectKeyId }
  const { key, ca = false, names = [] } = options
  const extensions = writeExtensions({
    key,
    ca,
    names,
    subjectKeyId,
    authorityKeyId: issuer.keyId,
  })
  const algorithm = signatureAlgorithm(issuer.key)
  const body = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(serial()),
    algorithm,
    issuer.name,
    validity(options.days),
    subject,
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensions),
  )
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, issuer.key)))
  return {
    cert: pem('CERTIFICATE', certificate),
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function newPair(key: 'rsa' | 'ec'): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return key === 'rsa'
    ? generate('rsa', { modulusLength: 2048 })
    : generate('ec', { namedCurve: 'P-256' })
}

/** 127 random bits: unique without a ledger, never negative or zero. */
function serial(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}

function validity(days: number): Buffer {
  const end = Date.now() + days * day
  return sequence(time(new Date(Math.min(Date.now(), end) - skew)), time(new Date(end)))
}

const attributes = { C: '2.5.4.6', ST: '2.5.4.8', L: '2.5.4.7', O: '2.5.4.10', OU: '2.5.4.11' }

function writeName({ commonName, subject = {} }: SelfSignedOptions): Buffer {
  const { C, ...others } = subject
  const country = C === undefined ? [] : [attribute(attributes.C, printable(C))]
  const rest = (['ST', 'L', 'O', 'OU'] as const).flatMap((name) => {
    const value = others[name]
    return value === undefined ? [] : [attribute(attributes[name], utf8(value))]
  })
  return sequence(...country, ...rest, attribute('2.5.4.3', utf8(commonName)))
}

function attribute(id: string, value: Buffer): Buffer {
  return set(sequence(oid(id), value))
}

function signatureAlgorithm(key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return sequence(oid('1.2.840.113549.1.1.11'), tlv(0x05))
    case 'ec':
      return sequence(oid('1.2.840.10045.4.3.2'))
    default:
      throw new TypeError(`cannot sign with a key of type ${key.asymmetricKeyType ?? key.type}`)
  }
}

/** RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the public key's bits. */
function keyIdOf(key: KeyObject): Buffer {
  const [info] = read(key.export({ type: 'spki', format: 'der' }))
  const [, publicKey] = read(info?.contents ?? Buffer.alloc(0))
  const raw = publicKey?.contents.subarray(1) ?? Buffer.alloc(0)
  return createHash('sha256').update(raw).digest().subarray(0, 20)
}

/** The issuer must have been made here: the key id is computed as above, not read from the certificate. */
function readIssuer({ cert, key }: CertifiedKey): { name: Buffer; key: KeyObject; keyId: Buffer } {
  const [certificate] = read(new X509Certificate(cert).raw)
  const [body] = read(certificate?.contents ?? Buffer.alloc(0))
  const name = read(body?.contents ?? Buffer.alloc(0))[5]
  if (!name) throw new TypeError('the certificate of the issuer has no subject')
  const signer = createPrivateKey(key)
  return { name: name.whole, key: signer, keyId: keyIdOf(createPublicKey(signer)) }
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
