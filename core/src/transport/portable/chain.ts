import type { DetailedPeerCertificate } from 'node:tls'

/**
 * How many certificates stand between the leaf and the trust anchor: what OpenSSL's `SSL_CTX_set_verify_depth` limits.
 * A chain of leaf and root has depth 0.
 */
export function chainDepth(leaf: DetailedPeerCertificate): number {
  let above = 0
  let certificate = leaf
  // Node closes the chain by letting the root be its own issuer.
  while (isIssued(certificate)) {
    above += 1
    certificate = certificate.issuerCertificate
  }
  return Math.max(above - 1, 0)
}

function isIssued(certificate: DetailedPeerCertificate): boolean {
  const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate
  return issuer !== undefined && issuer.fingerprint256 !== certificate.fingerprint256
}
