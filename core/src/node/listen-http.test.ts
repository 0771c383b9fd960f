import { createServer, request } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { listenHttp } from './listen-http.ts'
import { dial, settingsOf, temporaryFolder } from './node.fixture.ts'

const listOf = (text: string) => settingsOf({ admin_listen: text }).admin_listen

function application(): FastifyInstance {
  const app = Fastify()
  app.get('/', () => ({ here: true }))
  app.get('/never', () => new Promise(() => undefined))
  return app
}

function ask(options: object): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')).end()
  })
}

test('each address answers, and none does after the end', async () => {
  const path = join(temporaryFolder(), 'admin.sock')
  const listeners = await listenHttp(listOf(`127.0.0.1:0, [::1]:0, unix:${path}`), application)
  const [four = '', six = '', unix] = listeners.addresses
  expect(six).toMatch(/^\[::1\]:\d+$/)
  expect(unix).toBe(`unix:${path}`)
  expect(await ask({ host: '127.0.0.1', port: four.split(':')[1] })).toBe(200)
  expect(await ask({ socketPath: path })).toBe(200)
  await listeners[Symbol.asyncDispose]()
  expect(await dial(Number(four.split(':')[1]))).toBe('ECONNREFUSED')
  expect(await ask({ socketPath: path })).toBe('ENOENT')
})

test('a port in use is refused by its name, and those before it are given back', async () => {
  const taken = createTcpServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const path = join(temporaryFolder(), 'admin.sock')
  await expect(listenHttp(listOf(`unix:${path}, 127.0.0.1:${port}`), application)).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port}: the address is already in use`,
  )
  expect(await ask({ socketPath: path })).toBe('ENOENT')
})

test('a request that never ends does not keep a listener from closing', async () => {
  const listeners = await listenHttp(listOf('127.0.0.1:0'), application)
  const answer = ask({
    host: '127.0.0.1',
    port: listeners.addresses[0]?.split(':')[1],
    path: '/never',
  })
  await new Promise((resolve) =>
    createServer()
      .listen(0, '127.0.0.1', () => resolve(undefined))
      .unref(),
  )
  await listeners[Symbol.asyncDispose]()
  expect(await answer).toMatch(/ECONNRESET|ECONNREFUSED/)
})
