import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { Browser } from './browser.ts'
import type { Json } from './gateway.ts'

/** What a page asks, one after the other. */
export interface PageRequest {
  /** `GET /services`; `FORM /services` is a form that is sent to a frame, as pages did before scripts could. */
  readonly line: string
  readonly body?: string
  /** In place of a body: so many letters. */
  readonly letters?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sends the ETag that was read last as `If-Match`. */
  readonly ifMatch?: true
  readonly mode?: 'cors' | 'no-cors'
}

/** What the page's script was given to read; nothing but the line where the browser gave it nothing. */
export interface PageAnswer {
  readonly line: string
  readonly status?: number
  readonly type?: string
  readonly etag?: string | null
  readonly body?: Json
}

export interface Visit {
  /** By which name the page is loaded; every `*.example` leads to this machine. */
  readonly host: string
  /** Where the Admin API is, `http://127.0.0.1:8001`; absent: where the page came from. */
  readonly api?: string
  readonly requests: readonly PageRequest[]
}

export interface Site {
  readonly port: number
  /** Loads a page and answers what its script has read. */
  visit(browser: Browser, visit: Visit): Promise<readonly PageAnswer[]>
  /** From now on what is no page of the site is sent on to a port, as if its name had got another address. */
  rebind(port: number): void
}

/** Serves pages on a free port of loopback, by any name, until the test ends. */
export async function serveSite(): Promise<Site> {
  const state: { page: string; elsewhere?: number; report: (answers: PageAnswer[]) => void } = {
    page: '',
    report: () => undefined,
  }
  const server = createServer((incoming, response) => {
    if (incoming.url === '/page')
      return response.setHeader('Content-Type', 'text/html').end(state.page)
    if (incoming.url === '/report') {
      return void text(incoming).then((told) => {
        response.end()
        state.report(JSON.parse(told))
      })
    }
    if (state.elsewhere !== undefined) return sendOn(incoming, response, state.elsewhere)
    return response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return {
    port,
    rebind: (to) => void (state.elsewhere = to),
    async visit(browser, { host, api, requests }) {
      state.page = `<!doctype html><script type="module">${script(requests, api)}</script>`
      const told = new Promise<PageAnswer[]>((resolve) => (state.report = resolve))
      browser.open(`http://${host}:${port}/page`)
      return Promise.race([told, browser.failed])
    },
  }
}

function sendOn(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = incoming
  const to = { host: '127.0.0.1', port, method, path: url, headers, agent: false } as const
  const sent = request(to, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  sent.on('error', () => void response.writeHead(502).end())
  incoming.pipe(sent)
}

/** The script of a page. It runs in the browser, so it is text here. */
function script(requests: readonly PageRequest[], api: string | undefined): string {
  return `
const api = ${JSON.stringify(api)} ?? location.origin
const answers = []
let etag = null

async function ask({ line, body, letters, headers, ifMatch, mode }) {
  const [method, path] = line.split(' ')
  if (method === 'FORM') return submit(line, api + path, body)
  const response = await fetch(api + path, {
    method,
    mode,
    credentials: 'include',
    headers: { ...headers, ...(ifMatch && { 'If-Match': etag }) },
    body: letters === undefined ? body : 'x'.repeat(letters),
  })
  const text = await response.text()
  etag = response.headers.get('ETag') ?? etag
  const read = { status: response.status, type: response.type, etag: response.headers.get('ETag') }
  return { line, ...read, body: text.startsWith('{') ? JSON.parse(text) : text }
}

async function submit(line, action, body) {
  const frame = Object.assign(document.createElement('iframe'), { name: 'frame' })
  const form = Object.assign(document.createElement('form'), { action, method: 'post', target: 'frame' })
  for (const [name, value] of new URLSearchParams(body)) {
    form.append(Object.assign(document.createElement('input'), { name, value }))
  }
  document.body.append(frame, form)
  const loaded = new Promise((resolve) => (frame.onload = resolve))
  form.submit()
  await loaded
  return { line, body: frame.contentDocument?.body.textContent }
}

for (const request of ${JSON.stringify(requests)}) {
  answers.push(await ask(request).catch(() => ({ line: request.line })))
}
await fetch('/report', { method: 'POST', body: JSON.stringify(answers) })
`
}
