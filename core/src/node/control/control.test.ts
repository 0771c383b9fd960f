import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callControl } from './control-client.ts'
import type { ControlHandlers, PluginListing } from './control-contract.ts'
import { findControlPath } from './control-path.ts'
import { serveControl } from './control-server.ts'

let folder: string
const listing: PluginListing = {
  name: 'guard',
  version: '1.0.0',
  priority: 10,
  phases: ['preread'],
  protocols: ['tcp'],
  from: '@acme/guard',
  enabledOn: ['global'],
  description: 'Guards.',
  schema: { type: 'object', properties: {} },
}

function handlers(over: Partial<ControlHandlers> = {}): ControlHandlers {
  return {
    status: () => ({ generation: 7 }),
    plugins: async () => [listing],
    reload: async () => undefined,
    configuration: { export: () => '', import: async () => undefined },
    stop: () => undefined,
    ...over,
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'control-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('a running node answers on a private socket, and nobody afterwards', async () => {
  const control = await serveControl(folder, handlers())
  expect(statSync(join(folder, 'control.sock')).mode & 0o777).toBe(0o600)
  expect(await callControl(folder, 'GET', '/status')).toEqual({ generation: 7 })
  expect(await callControl(folder, 'GET', '/plugins')).toEqual([listing])
  expect(await callControl(folder, 'GET', '/process')).toEqual({ pid: process.pid })
  expect(await callControl(folder, 'POST', '/reload')).toEqual({})
  await control.close()
  expect(existsSync(join(folder, 'control.sock'))).toBe(false)
  await expect(callControl(folder, 'GET', '/status')).rejects.toMatchObject({
    code: 'NOT_RUNNING',
    message: `kong-ts is not running at ${folder}`,
  })
})

test('a socket that a dead node left is not running, and does not hinder the next', async () => {
  const control = await serveControl(folder, handlers())
  await control.close()
  writeFileSync(join(folder, 'control.sock'), '')
  await expect(callControl(folder, 'GET', '/status')).rejects.toMatchObject({ code: 'NOT_RUNNING' })
  const next = await serveControl(folder, handlers())
  expect(await callControl(folder, 'GET', '/status')).toEqual({ generation: 7 })
  await next.close()
})

test('what a handler throws reaches the caller in its own words', async () => {
  const control = await serveControl(
    folder,
    handlers({
      reload: async () => {
        throw new Error('the store is away')
      },
    }),
  )
  const expected = { code: 'REFUSED', message: 'the store is away' }
  await expect(callControl(folder, 'POST', '/reload')).rejects.toMatchObject(expected)
  await expect(callControl(folder, 'GET', '/nothing')).rejects.toMatchObject({
    message: 'Not found',
  })
  await control.close()
})

test('a stop is answered before the node is gone', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown[]>()
  const control = await serveControl(folder, handlers({ stop: (...wish) => resolve(wish) }))
  const body = { how: 'quit', timeout_ms: 1500 }
  expect(await callControl(folder, 'POST', '/stop', body)).toEqual({ pid: process.pid })
  expect(await promise).toEqual(['quit', 1500])
  await control.close()
})

test.each([[undefined], [{}], [{ how: 'now' }], [{ how: 'stop', timeout_ms: -1 }]])(
  'a malformed stop (%j) stops nothing',
  async (body) => {
    let stopped = false
    const control = await serveControl(
      folder,
      handlers({
        stop: () => {
          stopped = true
        },
      }),
    )
    await expect(callControl(folder, 'POST', '/stop', body)).rejects.toMatchObject({
      code: 'REFUSED',
    })
    await control.close()
    expect(stopped).toBe(false)
  },
)

test('a prefix that is too long for a socket has it elsewhere', async () => {
  const prefix = join(folder, 'x'.repeat(120))
  mkdirSync(prefix)
  const crashed = await serveControl(prefix, handlers())
  const path = findControlPath(prefix)
  expect(readFileSync(join(prefix, 'control.path'), 'utf8')).toBe(path)
  expect(Buffer.byteLength(path)).toBeLessThanOrEqual(107)
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  expect(await callControl(prefix, 'GET', '/status')).toEqual({ generation: 7 })
  const next = await serveControl(prefix, handlers())
  expect(existsSync(dirname(path))).toBe(false)
  expect(await callControl(prefix, 'GET', '/status')).toEqual({ generation: 7 })
  const second = findControlPath(prefix)
  await next.close()
  expect(existsSync(dirname(second))).toBe(false)
  expect(existsSync(join(prefix, 'control.path'))).toBe(false)
  await crashed.close()
})
