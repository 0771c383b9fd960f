import { Agent, request } from 'node:http'

export interface Answered {
  readonly status: number
  readonly text: string
}

/** One client of the Admin API on one kept connection, as a script is. */
export class AdminClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  /**
   * @param body a text is YAML, an object JSON
   * @throws Error with the answer, when it is not the expected one
   */
  async ask(
    method: string,
    path: string,
    expected: number,
    body?: object | string,
  ): Promise<string> {
    const { status, text } = await this.#send(method, path, body)
    if (status !== expected) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`)
    return text
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, body: object | string | undefined): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const type = typeof body === 'string' ? 'application/yaml' : 'application/json'
      const headers = body === undefined ? {} : { 'content-type': type }
      const options = { host: '127.0.0.1', port: this.#port, method, path, headers }
      const sent = request({ ...options, agent: this.#agent }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.once('error', reject)
      })
      sent.once('error', reject)
      sent.end(typeof body === 'object' ? JSON.stringify(body) : body)
    })
  }
}
