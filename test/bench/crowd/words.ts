export type CrowdKind = 'tcp' | 'tls'

/** What a part of a crowd is told by its parent. */
export type Order = 'speak' | 'leave'

/** What it tells: that it holds its sessions, or what came of speaking. */
export interface Word {
  readonly held?: number
  readonly heard?: Heard
  readonly failed?: string
}

export interface Heard {
  /** Sessions that got back exactly what they said. */
  readonly answered: number
  /** Sessions that ended before, or got something else. */
  readonly lost: number
  /** From the first word to the last answer. */
  readonly milliseconds: number
}
