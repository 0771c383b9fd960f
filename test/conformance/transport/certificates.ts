import { type CertifiedKey, createSelfSigned } from '../../../core/src/certificates/self-signed.ts'

export interface Certificates {
  readonly ca: CertifiedKey
  /** For `a.example` and 127.0.0.1, signed by the CA. */
  readonly server: CertifiedKey
  /** The same with an intermediate CA, which the server sends along. */
  readonly deep: CertifiedKey
  /** Of a client, signed by the CA. */
  readonly client: CertifiedKey
  /** Signed by an intermediate CA, which the client sends along. */
  readonly deepClient: CertifiedKey
  readonly between: CertifiedKey
  /** Of a client nobody vouches for. */
  readonly stranger: CertifiedKey
}

let issued: Promise<Certificates> | undefined

/** One set of certificates for the whole run. */
export function issueCertificates(): Promise<Certificates> {
  issued ??= issue()
  return issued
}

async function issue(): Promise<Certificates> {
  const ca = await createSelfSigned({ key: 'ec', commonName: 'test CA', days: 2, ca: true })
  const between = await createSelfSigned({
    key: 'ec',
    commonName: 'between',
    days: 2,
    ca: true,
    issuer: ca,
  })
  const names = ['a.example', '127.0.0.1']
  const leaf = { key: 'ec', commonName: 'a.example', names, days: 2 } as const
  const deep = await createSelfSigned({ ...leaf, issuer: between })
  const below = await createSelfSigned({ key: 'ec', commonName: 'deep', days: 2, issuer: between })
  return {
    ca,
    between,
    deepClient: { cert: below.cert + between.cert, key: below.key },
    server: await createSelfSigned({ ...leaf, issuer: ca }),
    deep: { cert: deep.cert + between.cert, key: deep.key },
    client: await createSelfSigned({
      key: 'ec',
      commonName: 'client, one',
      subject: { C: 'DE', O: 'Bank' },
      names: ['client.example', '10.0.0.1'],
      days: 2,
      issuer: ca,
    }),
    stranger: await createSelfSigned({ key: 'ec', commonName: 'stranger', days: 2 }),
  }
}
