/** What was read from a source, and how to ask whether it has changed since. */
export interface Edition<T> {
  readonly content: T
  /** SHA-256 of the bytes. */
  readonly id: string
  /** Of a URL. */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  /** Of a file: what changes with its content. */
  readonly stamp?: string
}

/** How a source is read. */
export interface SourceTerms<T> {
  /** Milliseconds in which a URL has to give all of it. */
  readonly timeout: number
  /** The most bytes that it may have. */
  readonly limit: number
  /** The folder where what was read last from URLs is kept, for a start while a server is away. */
  readonly keepIn?: string | undefined
  /** The media types that are asked for, as `Accept` has them. */
  readonly accept: string
  /** Of https; `ca` is PEM, those that Node knows unless stated. */
  readonly tls: { readonly verify: boolean; readonly ca: string | undefined }
  /**
   * Makes of the bytes what is followed: structured-cloneable, for it goes to all workers of the node.
   * @param before what is in force until now @throws for what must not be used
   */
  read(bytes: Buffer, before: T | undefined): Promise<T>
}

/** A name of a source for logs and errors: without what may be secret in a URL. */
export function nameOfSource(source: string): string {
  if (source.startsWith('/')) return source
  const { origin, pathname } = new URL(source)
  return `${origin}${pathname}`
}

/** Looks at how a source of `FollowedSource` is written: a path from the root, or a URL. @returns what is wrong, if anything is */
export function examineSource(source: string): string | undefined {
  if (source.startsWith('/')) return undefined
  return /^https?:\/\//i.test(source) && URL.canParse(source)
    ? undefined
    : `expected a path from the root or a URL of http or https: '${source}'`
}
