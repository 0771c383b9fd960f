import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mount } from '@kong-ts/pdk/testing'
import { definePlugin, type Kit } from '@kong-ts/pdk'
import { expect, onTestFinished, test } from 'vitest'
import { listServer } from './list-server.fixture.ts'
import { openLists, type ListsConfig } from './open-lists.ts'

/** The lists of a configuration, with the surroundings that the test kit gives. */
async function opened(config: Partial<ListsConfig>) {
  const whole = { interval: 300, timeout: 30_000, tls_verify: true, ...config }
  const plugin = definePlugin({
    name: 'lists',
    version: '1.0.0',
    priority: 1,
    schema: { type: 'object', properties: {} },
    setup: (kit: Kit) => openLists({ ...kit, config: whole }),
    phases: {},
    teardown: ({ timer }) => clearInterval(timer),
  })
  const mounted = await mount(plugin, {})
  onTestFinished(() => mounted.unmount())
  return { ...mounted.state, clock: mounted.clock }
}

const has = (lists: readonly { has(address: string): boolean }[] = [], address: string) =>
  lists.some((list) => list.has(address))

test('lists of the configuration need no timer; an empty one that allows is none', async () => {
  const { allowed, denied, timer } = await opened({ allow: [], deny: ['10.0.0.1'] })
  expect([allowed, timer]).toEqual([undefined, undefined])
  expect([has(denied, '10.0.0.1'), has(denied, '10.0.0.2')]).toEqual([true, false])
})

test('every field has its own sources, files and URLs, read again at the interval', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'list.txt')
  writeFileSync(path, '10.0.0.1\n')
  const server = await listServer((_request, response) => response.end('10.0.0.2\n'))
  const config = { allow: ['10.0.0.3'], allow_from: [path, server.url], deny_from: [path] }
  const { allowed, denied, clock } = await opened({ ...config, interval: 1 })
  const clients = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']
  expect(clients.map((each) => has(allowed, each))).toEqual([true, true, true, false])
  expect(clients.map((each) => has(denied, each))).toEqual([true, false, false, false])
  clock.advance(1000)
  server.state.answer = (_request, response) => response.end('10.0.0.4\n')
  await expect.poll(() => has(allowed, '10.0.0.4'), { timeout: 20_000 }).toBe(true)
})

test.each<[Partial<ListsConfig>, string]>([
  [{ allow_from: ['/nowhere/a'] }, 'config.allow_from: /nowhere/a: ENOENT'],
  [{ deny_from: ['/nowhere/d'] }, 'config.deny_from: /nowhere/d: ENOENT'],
  [{ deny: ['10.0.0.1'], keep_in: '/nowhere' }, 'config.keep_in: ENOENT'],
])('%j fails and says where', async (config, message) => {
  await expect(opened(config)).rejects.toThrow(message)
})
