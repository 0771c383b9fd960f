import { slot } from '@kong-ts/pdk'

/** Whom a client's certificate names, once this plugin has let it in. */
export interface Identity {
  /** RFC 4514: the most specific part first. */
  readonly subject: string
  /** Subject alternative names, as `DNS:name`, `IP Address:1.2.3.4`, `URI:…`. */
  readonly names: readonly string[]
  /** SHA-256 of the certificate's DER form, lower-case hex. */
  readonly fingerprint: string
}

/** For plugins that run later; absent where a client has come without a certificate. */
export const identity = slot<Identity>('identity')
