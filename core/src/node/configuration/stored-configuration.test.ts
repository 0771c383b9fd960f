import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { resolveSettings } from '../../settings/resolve-settings.ts'
import { claimPrefix } from '../prefix.ts'
import { storedConfiguration } from './stored-configuration.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stored-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const settingsOf = (prefix: string, database = 'embedded') => {
  const env = { KONG_DATABASE: database }
  return resolveSettings({ env, cwd: folder, flags: { prefix: join(folder, prefix) } }).settings
}
const file = (text: string) => {
  const path = join(folder, 'kong.yml')
  writeFileSync(path, text)
  return path
}
const good = `_format_version: "3.0"
services:
- name: a
  host: h
  routes:
  - protocols: [tcp]
    sources: [{port: 1}]
upstreams:
- name: up
  targets:
  - target: h:1
`

test('what one database exports another one imports, and exports again the same', async () => {
  const stored = storedConfiguration(folder)
  await stored.import(settingsOf('one'), file(good))
  const text = await stored.export(settingsOf('one'))
  expect(text).toContain('name: a')
  await stored.import(settingsOf('other'), file(text))
  expect(await stored.export(settingsOf('other'))).toBe(text)
  await stored.import(settingsOf('other'), file(text))
  expect(await stored.export(settingsOf('other'))).toBe(text)
})

test('a file is checked without a database', async () => {
  const stored = storedConfiguration(folder)
  await stored.parse(settingsOf('none', 'off'), file(good))
  await expect(stored.parse(settingsOf('none'), file(`${good}  name: b\n`))).rejects.toThrow(
    /^Failed parsing:\nin 'error': /,
  )
  await expect(stored.parse(settingsOf('none'), join(folder, 'gone.yml'))).rejects.toThrow(
    /^Failed parsing:\nENOENT/,
  )
  expect(() => readFileSync(join(folder, 'none', 'kong.db'))).toThrow(/ENOENT/)
})

test('the database of a running node is not opened', async () => {
  const claim = claimPrefix(join(folder, 'busy'))
  const stored = storedConfiguration(folder)
  const taken = { code: 'PREFIX_TAKEN' }
  await expect(stored.export(settingsOf('busy'))).rejects.toMatchObject(taken)
  await expect(stored.import(settingsOf('busy'), file(good))).rejects.toMatchObject(taken)
  claim.release()
  expect(await stored.export(settingsOf('busy'))).toContain('_format_version')
})
