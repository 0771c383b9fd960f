import { cp, mkdtemp, mkdir, realpath, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configure, isRejection, isTlsDecision } from './host.ts'
import { mount } from './testing/index.ts'

type Pdk = typeof import('./index.ts')

let folder: string
let copy: Pdk

// A plugin may bring its own copy of the PDK: what it answers must mean the same to the gateway's copy.
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'pdk-copy-')))
  await cp(new URL('.', import.meta.url), join(folder, 'src'), { recursive: true })
  await mkdir(join(folder, 'node_modules'))
  const ajv = dirname(createRequire(import.meta.url).resolve('ajv/package.json'))
  await symlink(ajv, join(folder, 'node_modules', 'ajv'))
  copy = (await import(
    /* @vite-ignore */ pathToFileURL(join(folder, 'src', 'index.ts')).href
  )) as Pdk
})

afterAll(() => rm(folder, { recursive: true }))

test('it is another copy', async () => {
  const own = await import('./index.ts')
  expect(copy.reject).not.toBe(own.reject)
})

test('verdicts of one copy are verdicts to the other', () => {
  expect(isRejection(copy.reject('no'))).toBe(true)
  expect(isTlsDecision(copy.passthrough)).toBe(true)
  expect(isTlsDecision(copy.terminate())).toBe(true)
})

test('a plugin made with one copy runs in the other', async () => {
  const left = copy.slot<string>('left')
  const plugin = copy.definePlugin({
    name: 'stranger',
    version: '1.0.0',
    priority: 1,
    schema: { type: 'object', properties: { reason: { type: 'string', default: 'closed' } } },
    phases: {
      accept: (conn) => conn.set(left, 'seen'),
      tls: () => copy.passthrough,
      balance: (conn, { config }) => copy.reject(`${config.reason}, ${conn.get(left)}`),
    },
  })
  expect(configure(plugin, {})).toMatchObject({ ok: true, config: { reason: 'closed' } })
  const mounted = await mount(plugin, {})
  expect(await mounted.connect({ sni: 'a.example' })).toMatchObject({
    outcome: 'rejected',
    reason: 'closed, seen',
  })
})
