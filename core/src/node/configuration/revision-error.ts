/**
 * What is asked of the revisions cannot be. `unknown`: there never was such a revision. `forgotten`: it, or what has
 * come after it, is not remembered. `impossible`: the configuration cannot be that of then.
 */
export class RevisionError extends Error {
  override readonly name = 'RevisionError'
  readonly reason: 'unknown' | 'forgotten' | 'impossible'
  constructor(reason: RevisionError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
