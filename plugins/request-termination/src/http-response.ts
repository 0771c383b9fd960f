import { STATUS_CODES } from 'node:http'

export interface HttpAnswer {
  readonly status: number
  /** Seconds, told where the status is one for which it means something. */
  readonly retryAfter: number
  readonly contentType: string
  readonly body: string
}

/** For which statuses Retry-After says when to come back (RFC 9110 section 10.2.3, RFC 6585 section 4). */
const retried = new Set([301, 302, 303, 307, 308, 413, 429, 503])

/** A whole response of HTTP/1.1 but for its date, which is the moment's. */
export class HttpResponse {
  readonly #before: string
  readonly #after: string
  readonly #body: Buffer

  constructor({ status, retryAfter, contentType, body }: HttpAnswer) {
    const hasBody = status !== 204 && status !== 304
    this.#body = Buffer.from(hasBody ? body : '')
    this.#before = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nDate: `
    this.#after = [
      '',
      ...(hasBody ? [`Content-Type: ${contentType}`, `Content-Length: ${this.#body.length}`] : []),
      ...(retried.has(status) ? [`Retry-After: ${retryAfter}`] : []),
      'Connection: close',
      '\r\n',
    ].join('\r\n')
  }

  /** @param opening how the request begins: the answer to HEAD has no body */
  bytes(opening: Uint8Array, now: number): Uint8Array {
    const head = Buffer.from(`${this.#before}${new Date(now).toUTCString()}${this.#after}`)
    const isHead = Buffer.from(opening.subarray(0, 5)).toString('latin1') === 'HEAD '
    return isHead ? head : Buffer.concat([head, this.#body])
  }
}
