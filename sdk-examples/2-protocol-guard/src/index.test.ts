import { mount, replay } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import protocolGuard from './index.ts'

test.each([
  ['ssh', 'SSH-2.0-OpenSSH_9.6\r\n', 'proxied'],
  ['ssh', 'GET / HTTP/1.1\r\n', 'rejected'],
  ['ssh', '', 'rejected'],
  ['http', 'GET / HTTP/1.1\r\n', 'proxied'],
  ['http', 'GETTING nowhere', 'rejected'],
  ['redis', '*1\r\n$4\r\nPING\r\n', 'proxied'],
  ['redis', 'PING\r\n', 'rejected'],
] as const)('guards %s: %j is %s', async (protocol, bytes, outcome) => {
  const plugin = await mount(protocolGuard, { expect: protocol })
  expect(await plugin.connect({ bytes })).toMatchObject({ outcome })
})

test('an opening may arrive in pieces, and the upstream still receives all of it', async () => {
  const dialled = await replay(
    protocolGuard,
    { expect: 'ssh' },
    { bytes: 'SSH-2.0-OpenSSH_9.6\r\n' },
  )
  expect(dialled).toMatchObject({ outcome: 'proxied', upload: 'SSH-2.0-OpenSSH_9.6\r\n' })
})

test('a client that says too little is closed at the preread deadline', async () => {
  const plugin = await mount(protocolGuard, { expect: 'ssh' })
  expect(await plugin.connect({ bytes: 'SSH', ends: false })).toMatchObject({
    outcome: 'failed',
    ending: 'client.preread.timeout',
  })
})
