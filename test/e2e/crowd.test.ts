import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from './support/gateway.ts'
import { serveEcho } from './support/peers.ts'

/** Thousands more by hand, as many as descriptors allow: `CROWD=9500 npm test -- test/e2e/crowd.test.ts`. */
const crowd = Number(process.env['CROWD'] ?? 2000)
/** Handshakes at a time, so that none waits for longer than a handshake may take. */
const atOnce = 50

test(
  `${crowd} idle TLS sessions that all speak at once are all answered`,
  { timeout: 60_000 + crowd * 30 },
  async () => {
    const echo = await serveEcho()
    const gateway = await startGateway()
    await gateway.create('/services', { name: 'echo', url: `tcp://127.0.0.1:${echo.port}` })
    await gateway.create('/services/echo/routes', { protocols: ['tls'], snis: ['crowd.example'] })

    const clients: TLSSocket[] = []
    onTestFinished(() => clients.forEach((client) => client.destroy()))
    while (clients.length < crowd) {
      const next = Array.from({ length: Math.min(atOnce, crowd - clients.length) }, () =>
        connect({
          port: gateway.port,
          host: '127.0.0.1',
          servername: 'crowd.example',
          rejectUnauthorized: false,
        }),
      )
      clients.push(...next)
      await Promise.all(next.map((client) => once(client, 'secureConnect')))
    }

    const answers = clients.map((client, index) => answerTo(client, `${index} asks;`))
    expect(await Promise.all(answers)).toEqual(clients.map((_, index) => `${index} asks;`))
  },
)

async function answerTo(client: TLSSocket, question: string): Promise<string> {
  client.write(question)
  let answer = ''
  while (answer.length < question.length) {
    const [chunk] = await once(client, 'data')
    answer += String(chunk)
  }
  return answer
}
