import { createHash } from 'node:crypto'
import { get as getHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { get as getHttps } from 'node:https'
import type { Edition, SourceTerms } from './source.ts'

/** How often a server may send us on to another address. */
const mostRedirects = 5

/**
 * Fetches a source; what it was known to hold is the answer when the server says that it has not changed (RFC 9110
 * section 13). @param keep is given the bytes that could be read @throws when it cannot be had whole, in time and from whom it should come
 */
export async function fetchSource<T>(
  url: string,
  known: Edition<T> | undefined,
  terms: SourceTerms<T>,
  signal: AbortSignal,
  keep?: (bytes: Buffer) => Promise<void>,
): Promise<Edition<T>> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(terms.timeout)])
  try {
    let at = new URL(url)
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await request(at, known, terms, patience)
      const next = redirectOf(response, at)
      if (!next) return await editionOf(response, known, terms, keep)
      response.destroy()
      at = next
    }
    throw new Error(`it was redirected more than ${mostRedirects} times`)
  } catch (error) {
    if (patience.aborted && !signal.aborted) {
      throw new Error(`no whole answer within ${terms.timeout} ms`, { cause: error })
    }
    throw error
  }
}

function request<T>(
  url: URL,
  known: Edition<T> | undefined,
  { tls, accept }: SourceTerms<T>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { accept, ...conditions(known) }
  const options: RequestOptions = { headers, agent: false, signal }
  const secure = { ...options, rejectUnauthorized: tls.verify, ca: tls.ca }
  const sent =
    url.protocol === 'https:' ? getHttps(url, secure, resolve) : getHttp(url, options, resolve)
  sent.on('error', reject)
  return promise
}

function conditions(known: Edition<unknown> | undefined): Record<string, string> {
  return {
    'accept-encoding': 'identity',
    'user-agent': 'kong-ts',
    ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
    ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
  }
}

/** Undefined where there is no redirect. A way that began with TLS stays with it, and tells nobody a password. */
function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) {
    return undefined
  }
  const next = new URL(headers.location, from)
  const isFit =
    next.protocol === 'https:' || (next.protocol === 'http:' && from.protocol === 'http:')
  if (!isFit) throw new Error(`it was redirected from ${from.protocol} to ${next.protocol}`)
  if (next.origin === from.origin) [next.username, next.password] = [from.username, from.password]
  return next
}

async function editionOf<T>(
  response: IncomingMessage,
  known: Edition<T> | undefined,
  terms: SourceTerms<T>,
  keep?: (bytes: Buffer) => Promise<void>,
): Promise<Edition<T>> {
  const { statusCode = 0, headers } = response
  if (statusCode === 304 && known) {
    response.resume()
    return known
  }
  if (statusCode !== 200) {
    response.destroy()
    throw new Error(`the server answered with status ${statusCode}`)
  }
  const { bytes, id } = await bodyOf(response, terms.limit)
  const content = await terms.read(bytes, known?.content)
  await keep?.(bytes)
  const { etag, 'last-modified': lastModified } = headers
  return { content, id, etag, lastModified }
}

/** An answer that ends early is an error of the stream. */
async function bodyOf(
  response: IncomingMessage,
  limit: number,
): Promise<{ readonly bytes: Buffer; readonly id: string }> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    response.destroy()
    throw new Error(`the answer is encoded as ${encoding}, which nobody asked for`)
  }
  const chunks: Buffer[] = []
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > limit) throw new Error(`it is larger than ${limit} bytes`)
    chunks.push(bytes)
    hash.update(bytes)
  }
  return { bytes: Buffer.concat(chunks), id: hash.digest('hex') }
}
