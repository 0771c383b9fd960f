import { createSecureContext, getCACertificates } from 'node:tls'
import type { SecureContext } from 'node:tls'
import { reasonOf } from '../reason-of.ts'

/** How a server that speaks TLS is known; spread them among the `properties` of a plugin that sends to one. */
export const tlsFields = {
  tls_sni: {
    type: 'string',
    format: 'host',
    description: 'the name to ask for and to verify; by default that of the server',
  },
  tls_verify: {
    type: 'boolean',
    default: true,
    description: "whether the server's certificate is verified",
  },
  tls_ca: {
    type: 'string',
    format: 'certificates',
    description:
      "who signs the server's certificate, in PEM; by default those of the setting trusted_certificate",
  },
} as const

/** The values of `tlsFields`. */
export interface TlsConfig {
  readonly tls_sni?: string | undefined
  readonly tls_verify: boolean
  readonly tls_ca?: string | undefined
}

/** What Node says when it does not know who has signed a certificate. */
const unknownAuthority: ReadonlySet<unknown> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** An option of the command line, which nobody gives to the gateway. */
const nodesAdvice = /; if the root CA is installed locally.*$/

/** Reading a list of hundreds of authorities takes a tenth of a second: all who trust the same list share it. */
const contexts = new WeakMap<readonly string[], SecureContext>()
const nobody: readonly string[] = []

/** Who may have signed a server's certificate. */
export class ServerTrust {
  readonly #config: Omit<TlsConfig, 'tls_sni'>
  readonly #authorities: readonly string[]

  /** @param trusted what the kit has of that name */
  constructor(config: Omit<TlsConfig, 'tls_sni'>, trusted: readonly string[] | undefined) {
    this.#config = config
    this.#authorities = authorities(config, trusted)
  }

  /** For `tls.connect` and `https.Agent`. */
  get options(): { readonly rejectUnauthorized: boolean; readonly secureContext: SecureContext } {
    const list = this.#authorities
    let secureContext = contexts.get(list)
    if (!secureContext) contexts.set(list, (secureContext = createSecureContext({ ca: [...list] })))
    return { rejectUnauthorized: this.#config.tls_verify, secureContext }
  }

  /** Why a server was not reached, in words, with what an operator can do about it. */
  word(error: unknown): string {
    const reason = reasonOf(error)
    if (!(error instanceof Error) || !('code' in error)) return reason
    if (!unknownAuthority.has(error.code)) return reason
    const list = this.#config.tls_ca === undefined ? 'the setting trusted_certificate' : 'tls_ca'
    return `${reason.replace(nodesAdvice, '')}: who has signed it is not in ${list}`
  }
}

function authorities(
  { tls_verify, tls_ca }: Omit<TlsConfig, 'tls_sni'>,
  trusted: readonly string[] | undefined,
): readonly string[] {
  if (!tls_verify) return nobody
  return tls_ca === undefined ? (trusted ?? systemAuthorities()) : [tls_ca]
}

let known: readonly string[] | undefined

/** The machine's; Node's own list where the machine has none. */
function systemAuthorities(): readonly string[] {
  if (known) return known
  const system = getCACertificates('system')
  return (known = system.length > 0 ? system : getCACertificates('default'))
}
