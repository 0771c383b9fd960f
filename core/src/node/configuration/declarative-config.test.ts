import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyHash, hashDocument } from '../../declarative/hash-document.ts'
import { testContext } from '../../entities/world.fixture.ts'
import { declareSettings, withHash } from './declarative-config.ts'
import { declarativeNode } from './declarative.fixture.ts'

const first = '_format_version: "3.0"\nservices:\n- name: a\n  host: h\n'
const second = first.replace('name: a', 'name: b')
const always = { unlessSame: false }

let prepare: () => Promise<void>
let node: Awaited<ReturnType<typeof declarativeNode>>
beforeEach(async () => {
  prepare = async () => undefined
  node = await declarativeNode(() => prepare())
})
afterEach(() => node.remove())

const names = () => node.entities.list('services', { size: 9 }).rows.map(({ name }) => name)

test('a document replaces the one before, and is kept with its hash', async () => {
  expect([node.config.hash, node.config.unready]).toEqual([
    emptyHash,
    'no configuration available (empty configuration present)',
  ])
  expect(await node.config.load(first, always)).toBe('loaded')
  expect([node.config.hash, node.config.unready]).toEqual([hashDocument(first), undefined])
  expect(await node.config.load(second, always)).toBe('loaded')
  expect(names()).toEqual(['b'])
  const kept = await node.kept()
  expect([kept.hash, (await kept.load()).rows.services[0]?.name]).toEqual([
    hashDocument(second),
    'b',
  ])
  expect(node.config.export()).toContain('name: b')
})

test('the same document is loaded again unless nobody wants that', async () => {
  await node.config.load(first, always)
  expect(await node.config.load(first, { unlessSame: true })).toBe('unchanged')
  expect(await node.config.load(first, always)).toBe('loaded')
  const object = { _format_version: '3.0', services: [] }
  expect(await node.config.load(object, { unlessSame: true })).toBe('loaded')
  expect(await node.config.load({ ...object }, { unlessSame: true })).toBe('unchanged')
})

test('another text of the same rows is kept by its own hash', async () => {
  await node.config.load(first, always)
  const { revision } = node.entities
  const remark = `# the same\n${first}`
  expect(await node.config.load(remark, { unlessSame: true })).toBe('loaded')
  expect(node.entities.revision).toBe(revision)
  expect([node.config.hash, (await node.kept()).hash]).toEqual([
    hashDocument(remark),
    hashDocument(remark),
  ])
})

test('what is wrong, or refused by a worker, changes nothing', async () => {
  await node.config.load(first, always)
  await expect(node.config.load(`${first}  port: x\n`, always)).rejects.toMatchObject({ code: 14 })
  prepare = () => Promise.reject(new Error('a plugin does not start'))
  await expect(node.config.load(second, always)).rejects.toThrow('a plugin does not start')
  expect([names(), node.config.hash, (await node.kept()).hash]).toEqual([
    ['a'],
    hashDocument(first),
    hashDocument(first),
  ])
  prepare = async () => undefined
  expect(await node.config.load(second, always)).toBe('loaded')
})

test('while one is loaded there is no other', async () => {
  const prepared = Promise.withResolvers<void>()
  prepare = () => prepared.promise
  const loading = node.config.load(first, always)
  expect(await node.config.load(second, always)).toBe('busy')
  const declared = await declareSettings(
    { declarative_config: undefined, declarative_config_string: second },
    testContext(),
  )
  await expect(declared && node.config.serve(declared)).rejects.toThrow(/being loaded/)
  prepared.resolve()
  expect(await loading).toBe('loaded')
  expect(names()).toEqual(['a'])
  await (declared && node.config.serve(declared))
  expect(names()).toEqual(['b'])
})

test('what settings declare is read from a file, or is a text', async () => {
  const file = join(node.folder, 'kong.yml')
  const declare = (declarative_config?: string, declarative_config_string?: string) =>
    declareSettings({ declarative_config, declarative_config_string }, testContext())
  expect(await declare()).toBeUndefined()
  expect((await declare(undefined, first))?.rows.count('services')).toBe(1)
  await expect(declare(file)).rejects.toThrow(
    `error parsing declarative config file ${file}: ENOENT`,
  )
  writeFileSync(file, second)
  expect((await declare(file, first))?.rows.named('services', 'b')).toBeDefined()
  writeFileSync(file, `${first}  port: x\n`)
  await expect(declare(file)).rejects.toThrow(
    `error parsing declarative config file ${file}:\nin 'services':\n  - in entry 1 of 'services':\n    in 'port': expected an integer`,
  )
  await expect(declare(undefined, 'a: [')).rejects.toThrow(
    /^error parsing declarative_config_string:\nin 'error': failed parsing/,
  )
})

test('a status tells the hash in place of the database', () => {
  const health = { server: 1, database: { reachable: true } }
  expect(withHash(health, undefined)).toEqual(health)
  expect(withHash(health, { hash: 'x' })).toEqual({ server: 1, configuration_hash: 'x' })
})
