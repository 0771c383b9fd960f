import { Agent, request as requestHttp } from 'node:http'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { Agent as TlsAgent, request as requestHttps } from 'node:https'
import { urlToHttpOptions } from 'node:url'
import { ServerTrust, startDeadline } from '@kong-ts/pdk'
import type { TlsConfig } from '@kong-ts/pdk'

/** Bytes of an answer that are read for the sake of its connection; nobody is interested in them. */
const longestAnswer = 65_536

/** Where records are sent, and how. */
export interface EndpointConfig extends Pick<TlsConfig, 'tls_verify' | 'tls_ca'> {
  readonly http_endpoint: string
  readonly method: 'POST' | 'PUT' | 'PATCH'
  readonly content_type: string
  /** Milliseconds for a request and its answer; 0 waits without end. */
  readonly timeout: number
  /** Milliseconds after which an idle connection is closed; 0 keeps it. */
  readonly keepalive: number
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** An HTTP server that takes bodies, over connections that are kept. */
export class Endpoint {
  readonly #target: RequestOptions
  /** Where it is, for the log: without what may be a secret. */
  readonly #place: string
  readonly #timeout: number
  readonly #headers: Readonly<Record<string, string>>
  readonly #agent: Agent
  readonly #request: typeof requestHttp
  readonly #trust: ServerTrust

  /**
   * @param sockets how many at most
   * @param trusted what the kit has of that name
   */
  constructor(config: EndpointConfig, sockets: number, trusted: readonly string[] | undefined) {
    const url = new URL(config.http_endpoint)
    this.#place = `${url.protocol}//${url.host}`
    this.#timeout = config.timeout
    this.#headers = {
      'User-Agent': 'kong-ts',
      ...config.headers,
      'Content-Type': config.content_type,
    }
    this.#trust = new ServerTrust(config, trusted)
    const options = { keepAlive: true, maxSockets: sockets, timeout: config.keepalive }
    const isTls = url.protocol === 'https:'
    this.#agent = isTls ? new TlsAgent({ ...options, ...this.#trust.options }) : new Agent(options)
    this.#request = isTls ? requestHttps : requestHttp
    this.#target = { ...urlToHttpOptions(url), agent: this.#agent, method: config.method }
  }

  /** Resolves when the server has taken a body (a status of 2xx). @throws with why it has not, without secrets */
  async send(body: string, signal: AbortSignal): Promise<void> {
    const deadline = startDeadline(signal, this.#timeout)
    let status
    try {
      status = await this.#exchange(body, deadline.signal)
    } catch (error) {
      const reason = deadline.signal.aborted ? 'timed out' : this.#trust.word(error)
      throw new Error(`${this.#place}: ${reason}`, { cause: error })
    } finally {
      deadline.clear()
    }
    if (status < 200 || status > 299) {
      throw new Error(`${this.#place}: it answered with status ${status}`)
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  /** A kept connection may have been closed just when it was wanted again: that is worth another one at once. */
  async #exchange(body: string, stop: AbortSignal): Promise<number> {
    const first = this.#open(body, stop)
    try {
      return await statusOf(first, body)
    } catch (error) {
      if (!first.reusedSocket || !isReset(error) || stop.aborted) throw error
      return statusOf(this.#open(body, stop), body)
    }
  }

  #open(body: string, signal: AbortSignal): ClientRequest {
    const headers = { ...this.#headers, 'Content-Length': Buffer.byteLength(body) }
    return this.#request({ ...this.#target, headers, signal })
  }
}

/** The status of the answer, once its end was read or is given up. A redirection is an answer like any other. */
function statusOf(request: ClientRequest, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error)
    const hangUp = (): void => reject(new Error('the connection was closed'))
    request.once('response', (answer: IncomingMessage) => {
      // Whatever becomes of its body, the status was told.
      request.off('error', fail).on('error', ignore).off('close', hangUp)
      answer.on('error', ignore)
      answer.once('close', () => resolve(answer.statusCode ?? 0))
      discard(answer)
    })
    request.on('error', fail)
    request.once('close', hangUp)
    request.end(body)
  })
}

function discard(answer: IncomingMessage): void {
  let length = 0
  answer.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > longestAnswer) answer.destroy()
  })
}

function isReset(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ECONNRESET', 'EPIPE'].includes(String(error.code))
  )
}

function ignore(): void {}
