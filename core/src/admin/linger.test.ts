import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { linger } from './linger.ts'

/** Answers at once, whatever comes. */
async function serve(): Promise<number> {
  const server = createServer((request, response: ServerResponse) => {
    linger(request, response)
    response.writeHead(413, { 'content-length': 2 }).end('no')
  })
  onTestFinished(() => server.close().closeAllConnections())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** What comes back for a head, and for a body that is sent only after the answer. */
async function tell(head: string, body: string) {
  const socket = connect(await serve(), '127.0.0.1').setEncoding('latin1')
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.on('data', (text: string) => (answer += text))
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('end')).once('error', (error) => resolve(error.message))
  })
  socket.write(`POST / HTTP/1.1\r\nHost: h\r\n${head}\r\n\r\n`)
  while (!answer.endsWith('no')) await once(socket, 'data')
  socket.write(body)
  return { answer, socket, ended }
}

const long = 'x'.repeat(1 << 20)

test.each([
  [`Connection: close\r\nContent-Length: ${long.length}`, long],
  [`Connection: close\r\nTransfer-Encoding: chunked`, `100000\r\n${long}\r\n0\r\n\r\n`],
])('an answer outlives the body, then the connection is closed: %s', async (head, body) => {
  const { answer, ended } = await tell(head, body)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(answer).not.toMatch(/connection:/i)
  expect(await ended).toBe('end')
})

test('whoever wants to go on goes on', async () => {
  const { answer, socket } = await tell(`Content-Length: ${long.length}`, long)
  expect(answer).toMatch(/connection: keep-alive/i)
  socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 413 /)
})

test('a connection without a body is closed as it is asked', async () => {
  const { answer, ended } = await tell('Connection: close\r\nContent-Length: 0', '')
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(await ended).toBe('end')
})
