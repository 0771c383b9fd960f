import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import ipRestriction from './index.ts'

test.each([
  ['10.1.2.3', 'proxied'],
  ['::ffff:10.0.0.7', 'proxied'],
  ['10.0.0.66', 'rejected'],
  ['::ffff:10.0.0.66', 'rejected'],
  ['192.0.2.1', 'rejected'],
  ['2001:db8::1', 'rejected'],
])('deny goes before allow: %s is %s', async (from, outcome) => {
  const plugin = await mount(ipRestriction, { allow: ['10.0.0.0/8'], deny: ['10.0.0.66'] })
  expect(await plugin.connect({ from })).toMatchObject({ outcome })
})

test('with deny alone everyone else passes', async () => {
  const plugin = await mount(ipRestriction, { allow: [], deny: ['10.0.0.66'] })
  expect(await plugin.connect({ from: '192.0.2.1' })).toMatchObject({ outcome: 'proxied' })
  expect(await plugin.connect({ from: '10.0.0.66' })).toMatchObject({
    outcome: 'rejected',
    reason: 'IP address not allowed: 10.0.0.66',
    ending: 'plugin.ip-restriction.rejected',
  })
})

test('the message replaces the reason', async () => {
  const plugin = await mount(ipRestriction, { allow: ['10.0.0.1'], message: 'not from there' })
  expect(await plugin.connect({ from: '10.0.0.2' })).toMatchObject({ reason: 'not from there' })
})

test.each(['unix:', 'unix:/run/client.sock'])(
  'a client of a unix socket (%s) is refused',
  async (from) => {
    const plugin = await mount(ipRestriction, { deny: ['10.0.0.1'] })
    expect(await plugin.connect({ from })).toMatchObject({
      outcome: 'rejected',
      reason: 'Cannot identify the client IP address, unix domain sockets are not supported.',
    })
  },
)

test.each([
  [{}, "at least one of these fields must be non-empty: 'config.allow', 'config.deny'"],
  [{ allow: [] }, "at least one of these fields must be non-empty: 'config.allow', 'config.deny'"],
  [{ allow: ['x'] }, "allow.1: invalid ip or cidr range: 'x'"],
  [{ deny: ['10.0.0.0/8', '10.0.0.0/33'] }, "deny.2: invalid ip or cidr range: '10.0.0.0/33'"],
])('%j is refused', async (input, message) => {
  await expect(mount(ipRestriction, input)).rejects.toThrow(message)
})
