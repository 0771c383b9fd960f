import { X509Certificate } from 'node:crypto'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** @returns what is wrong with a text of certificates in PEM (RFC 7468 section 5), or nothing */
export function complainOfCertificates(text: string): string | undefined {
  const blocks = text.match(block) ?? []
  if (blocks.length === 0) return 'no certificate in PEM'
  return blocks.every(isCertificate) ? undefined : 'not a certificate in PEM'
}

/** Whether a text begins with a certificate in PEM that can be read. */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
