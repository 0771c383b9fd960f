import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import farewell from './index.ts'

const message = 'come back later'

test('so many at once; who has left makes room', async () => {
  const plugin = await mount(farewell, { limit: 1, protocol: 'smtp' })
  for (let count = 0; count < 3; count++) {
    expect(await plugin.connect()).toMatchObject({ outcome: 'proxied' })
  }
  const together = await Promise.all([plugin.connect(), plugin.connect(), plugin.connect()])
  const turnedAway = {
    outcome: 'rejected',
    reason: 'too many connections',
    ending: 'plugin.farewell.rejected',
  }
  expect(together).toMatchObject([{ outcome: 'proxied' }, turnedAway, turnedAway])
  expect(await plugin.connect()).toMatchObject({ outcome: 'proxied' })
})

test.each([
  ['smtp', '', '421 4.3.2 come back later\r\n'],
  ['redis', '*1\r\n$4\r\nPING\r\n', '-ERR come back later\r\n'],
] as const)('%s', async (protocol, bytes, told) => {
  const plugin = await mount(farewell, { limit: 0, protocol, message })
  expect(await plugin.connect({ bytes })).toMatchObject({ farewell: told })
})

test('mysql: the length of the packet, its number, 0xff, error 1040', async () => {
  const plugin = await mount(farewell, { limit: 0, protocol: 'mysql', message })
  const { farewell: told = '' } = await plugin.connect()
  expect(told.startsWith('\u0018\0\0\0')).toBe(true)
  expect(told.endsWith('\u0010\u0004#08004come back later')).toBe(true)
})

test.each([
  ['a startup message', [0, 0, 0, 8, 0, 3, 0, 0]],
  ['a request for TLS', [0, 0, 0, 8, 4, 210, 22, 47]],
  ['a client that says too little', [0, 0]],
])('postgres, to %s', async (_what, opening) => {
  const plugin = await mount(farewell, { limit: 0, protocol: 'postgres', message })
  const dialled = await plugin.connect({ bytes: Uint8Array.from(opening) })
  expect(dialled.farewell).toBe(`E\0\0\0\u002bSFATAL\0VFATAL\0C53300\0M${message}\0\0`)
})
