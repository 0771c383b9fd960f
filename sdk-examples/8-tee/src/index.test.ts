import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import tee from './index.ts'
import { listen } from './listen.fixture.ts'

test('the second server receives what the client says, and its answer goes nowhere', async () => {
  const { promise: copied, resolve } = Promise.withResolvers<string>()
  const second = await listen((socket) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      socket.write('who asked?')
    })
    socket.on('end', () => {
      socket.end()
      resolve(text)
    })
  })
  const plugin = await mount(tee, second)
  const dialled = await plugin.connect({ bytes: ['hel', 'lo'], reply: 'welcome' })
  expect(dialled).toMatchObject({ outcome: 'proxied', upload: 'hello', download: 'welcome' })
  expect(await copied).toBe('hello')
  expect(plugin.lines).toEqual([])
})

test('a second server that is not there costs the client nothing', async () => {
  const plugin = await mount(tee, { host: '127.0.0.1', port: 1 })
  expect(await plugin.connect({ bytes: 'hello' })).toMatchObject({
    outcome: 'proxied',
    upload: 'hello',
  })
})
