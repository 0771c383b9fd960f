import type { X509Certificate } from 'node:crypto'
import type { CrlFacts } from './read-crl.ts'
import { hasSerial } from './serials.ts'
import { isSigned } from './signature.ts'

/** A certificate revocation list, and whether this or that authority has signed it. */
export class Crl {
  readonly facts: CrlFacts
  readonly #verdicts = new Map<string, boolean>()

  constructor(facts: CrlFacts) {
    this.facts = facts
  }

  /** @param serial in hex as DER has it */
  has(serial: string): boolean {
    return hasSerial(this.facts.serials, this.facts.der, Buffer.from(serial, 'hex'))
  }

  /** What `verify` has found; undefined: it was not asked. */
  isSignedBy({ fingerprint256: fingerprint }: X509Certificate): boolean | undefined {
    return this.#verdicts.get(fingerprint)
  }

  /** Looks whether it is signed by this one, in another thread: the list may have megabytes. */
  async verify({ fingerprint256: fingerprint, publicKey }: X509Certificate): Promise<boolean> {
    const known = this.#verdicts.get(fingerprint)
    if (known !== undefined) return known
    const { der, signed, signature, algorithm } = this.facts
    const verdict = await isSigned(
      der.subarray(...signed),
      der.subarray(...signature),
      algorithm,
      publicKey,
    )
    this.#verdicts.set(fingerprint, verdict)
    return verdict
  }
}
