import { createSecureContext, type SecureContext } from 'node:tls'
import { messageOf } from '../errors/message-of.ts'
import { CertificateError } from './key-pairs.ts'
import type { TlsPolicy } from './policy.ts'
import type { SessionOptions } from './sessions.ts'

/** All that a server's side of TLS is made of: whoever runs handshakes can build a context of its own from it. */
export interface ServerContextOptions extends TlsPolicy, SessionOptions {
  /** A chain for each type of key, and its key at the same place. */
  readonly cert: readonly string[]
  readonly key: readonly string[]
  /** Who signs client certificates; an empty list trusts nobody, and the system's authorities neither. */
  readonly ca: readonly string[]
  /** Whether a chain may end at an authority of the list that is no root. */
  readonly allowPartialTrustChain: boolean
}

/** What a certificate presents under one policy. The same object for the same thing, so that it can be a key. */
export class ServerContext {
  readonly options: ServerContextOptions
  readonly #name: string
  #secureContext: SecureContext | undefined

  /** @param name of the certificate, for errors */
  constructor(name: string, options: ServerContextOptions) {
    this.#name = name
    this.options = options
  }

  /** Node's own, built at first use (0.2 to 0.4 ms). @throws CertificateError when no server could be started with it */
  get secureContext(): SecureContext {
    this.#secureContext ??= this.#build()
    return this.#secureContext
  }

  #build(): SecureContext {
    const { cert, key, ca, ...options } = this.options
    try {
      return createSecureContext({ ...options, cert: [...cert], key: [...key], ca: [...ca] })
    } catch (cause) {
      throw new CertificateError(`certificate ${this.#name} cannot be used: ${messageOf(cause)}`, {
        cause,
      })
    }
  }
}
