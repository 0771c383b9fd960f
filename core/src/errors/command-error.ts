/**
 * A command cannot do what was asked; the message is one line for the operator.
 * `PREFIX_TAKEN`: a node runs in that prefix. `NOT_RUNNING`: none does. `REFUSED`: the running node said no.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code: 'PREFIX_TAKEN' | 'NOT_RUNNING' | 'REFUSED'

  constructor(code: CommandError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
