import { mount } from '@kong-ts/pdk/testing'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
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

const either = "'config.allow', 'config.deny'"

test.each([
  [{}, `at least one of these fields must be non-empty: ${either}`],
  [{ allow: [], deny_from: [] }, `at least one of these fields must be non-empty: ${either}`],
  [{ allow: ['x'] }, "allow.1: invalid ip or cidr range: 'x'"],
  [{ deny: ['10.0.0.0/8', '10.0.0.0/33'] }, "deny.2: invalid ip or cidr range: '10.0.0.0/33'"],
  [{ deny_from: ['/x', 'deny.txt'] }, 'deny_from.2: invalid value: deny.txt'],
  [{ deny_from: ['http://[::1'] }, "expected a path from the root or a URL of http or https: '"],
  [{ deny_from: ['/x'], interval: 0 }, 'interval: value should be between 1 and 604800'],
  [{ deny_from: ['/x'], tls_ca: 'x' }, 'config.tls_ca is no certificate in PEM'],
  [{ deny_from: ['/x'], keep_in: '/nowhere' }, 'setup: config.keep_in: ENOENT'],
  [{ deny_from: ['/nowhere/x'] }, 'setup: config.deny_from: /nowhere/x: ENOENT'],
])('%j is refused', async (input, message) => {
  await expect(mount(ipRestriction, input)).rejects.toThrow(message)
})

test('lists of files and of the configuration count together; a source is in force while it is empty', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [path, nobody] = [join(folder, 'list.txt'), join(folder, 'nobody.txt')]
  writeFileSync(path, '# office\n10.0.0.0/8\n')
  writeFileSync(nobody, '# nobody\n')
  const outcomes = async (input: object) => {
    const plugin = await mount(ipRestriction, input)
    const from = ['10.0.0.1', '192.0.2.1', '2001:db8::1']
    const dialled = await Promise.all(from.map((each) => plugin.connect({ from: each })))
    await plugin.unmount()
    return dialled.map(({ outcome }) => outcome === 'proxied')
  }
  expect(await outcomes({ deny_from: [path] })).toEqual([false, true, true])
  expect(await outcomes({ allow_from: [path] })).toEqual([true, false, false])
  expect(await outcomes({ allow: ['192.0.2.1'], allow_from: [path] })).toEqual([true, true, false])
  expect(await outcomes({ allow: ['10.0.0.1'], deny_from: [path] })).toEqual([false, false, false])
  expect(await outcomes({ allow_from: [nobody] })).toEqual([false, false, false])
  expect(await outcomes({ deny_from: [nobody] })).toEqual([true, true, true])
})
