import type { Answer, RunningGateway } from './gateway.ts'

/** What an HTTP client of its own says to the Admin API; the status and body that it gets. */
export async function ask(
  gateway: RunningGateway,
  line: string,
  body?: string | URLSearchParams,
  type?: string,
): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ')
  const response = await fetch(`http://127.0.0.1:${gateway.adminPort}${path}`, {
    method,
    ...(body !== undefined && { body }),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** Sends a form, as `curl -d` does. */
export function submit(
  gateway: RunningGateway,
  line: string,
  ...pairs: readonly string[]
): Promise<Answer> {
  return ask(gateway, line, pairs.join('&'), 'application/x-www-form-urlencoded')
}
