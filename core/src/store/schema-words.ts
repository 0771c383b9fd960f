/** Kong's words, which its users look for. */
export const needsBootstrap = 'Database needs bootstrapping or is older than Kong 1.0.'

/** Another node changes the database, and did not come to an end in time. */
export class SchemaBusy extends Error {
  override readonly name = 'SchemaBusy'
  constructor() {
    super('aborted: another node is performing database changes')
  }
}
