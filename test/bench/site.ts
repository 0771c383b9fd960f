/** Where a proxy listens and where it sends what arrives; a folder of its own for its files. */
export interface Site {
  readonly folder: string
  readonly routes: readonly Route[]
  /** For a proxy that is configured over HTTP. */
  readonly adminPort: number
}

export interface Route {
  readonly name: string
  readonly listen: number
  readonly upstream: number
}

/** The route whose connections are allowed by address, limited by rate and logged. */
export const guarded = 'guarded'
