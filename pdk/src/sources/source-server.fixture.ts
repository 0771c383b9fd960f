import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** For the tests: a server of one answer, which can be exchanged, and the requests that it had. */
export async function sourceServer(answer: RequestListener) {
  const heard: { path: string; headers: Record<string, unknown> }[] = []
  const state = { answer }
  const server = createServer((request, response) => {
    heard.push({ path: request.url ?? '', headers: request.headers })
    state.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, heard, state }
}
