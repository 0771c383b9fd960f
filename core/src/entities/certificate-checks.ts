import type { FieldErrors } from '../errors/entity-error.ts'
import type { Check, Refined, World } from './definition.ts'
import type { Fields } from './fields.ts'
import { isPair, readCertificates } from './pem.ts'
import { isVaultReference } from './vault-reference.ts'

export const certificateChecks: readonly Check[] = [
  {
    on: ['cert_alt', 'key_alt'],
    fault: ({ cert_alt: cert, key_alt: key }) =>
      (cert === null) === (key === null)
        ? undefined
        : atEntity("all or none of these fields must be set: 'cert_alt', 'key_alt'"),
    rule: { mutually_required: ['cert_alt', 'key_alt'] },
  },
  {
    on: ['cert', 'key'],
    fault: ({ cert, key }) => unlessPair(cert, key, 'certificate does not match key'),
  },
  {
    on: ['cert_alt', 'key_alt'],
    fault: ({ cert_alt: cert, key_alt: key }) =>
      unlessPair(cert, key, 'alternative certificate does not match key'),
  },
  { on: ['cert', 'cert_alt'], fault: unlessTypesDiffer },
]

export const caCertificateChecks: readonly Check[] = [{ on: ['cert'], fault: unlessAuthority }]

/** Adds the SHA-256 of the DER form, in lower-case hex. */
export function digestCertificate(row: Fields): Refined {
  const { cert } = row
  if (typeof cert !== 'string') return { ok: true, row }
  if (isVaultReference(cert)) return { ok: false, errors: { cert: 'must not be a reference' } }
  const digest = readCertificates(cert)[0].fingerprint256.replaceAll(':', '').toLowerCase()
  return { ok: true, row: { ...row, cert_digest: digest } }
}

function unlessPair(cert: unknown, key: unknown, fault: string): FieldErrors | undefined {
  if (typeof cert !== 'string' || typeof key !== 'string') return undefined
  if (isVaultReference(cert) || isVaultReference(key)) return undefined
  return isPair(cert, key) ? undefined : atEntity(fault)
}

function unlessTypesDiffer({ cert, cert_alt: alternative }: Fields): FieldErrors | undefined {
  if (typeof cert !== 'string' || typeof alternative !== 'string') return undefined
  if (isVaultReference(cert) || isVaultReference(alternative)) return undefined
  if (keyType(cert) !== keyType(alternative)) return undefined
  return atEntity(
    'certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), ' +
      'the provided certificates were both of the same type',
  )
}

function unlessAuthority({ cert }: Fields, { context }: World): FieldErrors | undefined {
  if (typeof cert !== 'string') return undefined
  const [certificate, ...more] = readCertificates(cert)
  if (more.length > 0) return atEntity('please submit only one certificate at a time')
  if (certificate.validToDate.getTime() < context.now()) {
    return atEntity('certificate expired, "Not After" time is in the past')
  }
  if (certificate.ca) return undefined
  return atEntity(
    'certificate does not appear to be a CA because it is missing the "CA" basic constraint',
  )
}

function keyType(pem: string): string | undefined {
  return readCertificates(pem)[0].publicKey.asymmetricKeyType
}

function atEntity(fault: string): FieldErrors {
  return { '@entity': [fault] }
}
