import type { ReadList } from './read-list.ts'

/** What was read from a source, and how to ask whether it has changed since. */
export interface Edition extends ReadList {
  /** Of a URL. */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  /** Of a file: what changes with its content. */
  readonly stamp?: string
}

/** How sources are read. */
export interface Terms {
  /** Milliseconds for all of it. */
  readonly timeout: number
  /** The most bytes of a list. */
  readonly limit: number
  /** The folder where the last good lists of URLs are kept. */
  readonly keepIn?: string | undefined
  readonly tls: { readonly verify: boolean; readonly ca: string | undefined }
}

/** A name of a source for logs and errors: without what may be secret in a URL. */
export function nameOf(source: string): string {
  if (source.startsWith('/')) return source
  const { origin, pathname } = new URL(source)
  return `${origin}${pathname}`
}

/** @returns what is wrong with how a source is written, if anything is */
export function examineSource(source: string): string | undefined {
  if (source.startsWith('/')) return undefined
  return /^https?:\/\//i.test(source) && URL.canParse(source)
    ? undefined
    : `expected a path from the root or a URL of http or https: '${source}'`
}
